package outbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/internal/store"
)

// cloudEvent is an event in the JSON format of CloudEvents 1.0
// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).
type cloudEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject,omitempty"`
	Time        string          `json:"time,omitempty"`
	ContentType string          `json:"datacontenttype"`
	Sequence    string          `json:"sequence,omitempty"` // of the source, ordered as text
	Data        json.RawMessage `json:"data"`
}

// contentType is that of an event in structured mode.
const contentType = "application/cloudevents+json"

// gapType is the type of the event that stands for events which were lost.
const gapType = "io.github.espalier-cloud.outbox.gap"

// parcel is an event and the deliveries that are done when it is delivered.
type parcel struct {
	Event
	deliveries []store.Delivery
	lost       bool // it stands for events that are not in the trail any more
}

// parcels returns the events of deliveries in their order. Those that are not in the trail any more, one behind another,
// are told of by one event.
func parcels(deliveries []store.Delivery) []parcel {
	var all []parcel
	for _, d := range deliveries {
		switch last := len(all) - 1; {
		case d.Doc != nil:
			all = append(all, parcel{Event: Event{ID: d.ID, Doc: encode(recorded(d.Announcement))}, deliveries: []store.Delivery{d}})
		case last >= 0 && all[last].lost:
			all[last].deliveries = append(all[last].deliveries, d)
		default:
			all = append(all, parcel{lost: true, deliveries: []store.Delivery{d}})
		}
	}
	for i, p := range all {
		if p.lost {
			e := gap(p.deliveries)
			all[i].Event = Event{ID: e.ID, Doc: encode(e)}
		}
	}
	return all
}

// recorded is the event of a record of the trail. Its type is what CloudTrail calls its source and name, in the order
// of CloudEvents: com.amazonaws.organizations.CreateAccount.
func recorded(a store.Announcement) cloudEvent {
	domain := strings.Split(a.Source, ".")
	slices.Reverse(domain)
	return cloudEvent{
		SpecVersion: "1.0", ID: a.ID, Source: "espalier:" + string(a.Aggregate), Type: strings.Join(append(domain, a.Name), "."), Subject: a.Account,
		Time: a.At.Format(time.RFC3339Nano), ContentType: "application/json", Sequence: fmt.Sprintf("%019d.%09d", a.Version, a.N), Data: a.Doc,
	}
}

// gap is the event that stands for deliveries whose events were kept for as long as the trail keeps them.
func gap(lost []store.Delivery) cloudEvent {
	first, last := lost[0], lost[len(lost)-1]
	return cloudEvent{
		SpecVersion: "1.0", ID: fmt.Sprintf("gap-%s-%d-%d", first.Receiver, first.Sequence, first.Since.UnixMicro()), Source: "espalier:outbox", Type: gapType,
		ContentType: "application/json",
		Data:        encode(map[string]any{"lost": len(lost), "from": first.Since.Format(time.RFC3339Nano), "to": last.Since.Format(time.RFC3339Nano)}),
	}
}

func encode(v any) []byte {
	doc, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("outbox: an event cannot be written as JSON: %v", err)) // its data was encoded by this program
	}
	return doc
}
