package ops_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/cloudtrail"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/store"
)

// event is a CloudTrail record.
type event struct {
	AWSRegion           string
	EventID             string
	EventName           string
	EventSource         string
	EventType           string
	ReadOnly            bool
	RecipientAccountID  string `json:"recipientAccountId"`
	SharedEventID       string
	RequestParameters   any
	ResponseElements    any
	ServiceEventDetails any
	UserIdentity        struct {
		Type, ARN, AccountID, AccessKeyID, UserName, InvokedBy string
	}

	doc string
}

// trail returns all events of an account, the latest first.
func (w *world) trail(t testing.TB, by identity.Caller) []event {
	t.Helper()
	var events []event
	in := &cloudtrail.LookupEventsInput{}
	for {
		out := give[cloudtrail.LookupEventsOutput](t, w, by, in)
		for _, shown := range out.Events {
			e := event{doc: *shown.CloudTrailEvent}
			if err := json.Unmarshal([]byte(e.doc), &e); err != nil {
				t.Fatal(err)
			}
			events = append(events, e)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return events
		}
	}
}

// calls returns the events of calls in the trail of an account, without those of what services did on their own account.
func (w *world) calls(t testing.TB, by identity.Caller) []event {
	t.Helper()
	return slices.DeleteFunc(w.trail(t, by), func(e event) bool { return e.EventType == "AwsServiceEvent" })
}

// Every change leaves one event of the call in the trail of the caller, in the same commit.
func TestMutationsAreRecorded(t *testing.T) {
	eachMutation(t, func(t *testing.T, g *garden, m mutation) {
		before := len(g.calls(t, m.by))
		queue := store.AggregateID(m.by.Account)
		if id := g.organizationOf(t, m.by); id != "" && nameOf(m.in) != "DeleteOrganization" {
			queue = store.AggregateID(id)
		}
		if name := nameOf(m.in); name == "AcceptHandshake" || name == "DeclineHandshake" {
			queue = store.AggregateID(g.id(t)) // which sent the invitation
		}
		g.do(t, m.by, m.in)
		after := g.calls(t, m.by)
		if len(after) != before+1 {
			t.Fatalf("there are %d events more", len(after)-before)
		}
		e := after[0]
		if e.EventName != nameOf(m.in) || e.EventSource != "organizations.amazonaws.com" || e.EventType != "AwsApiCall" || e.ReadOnly ||
			e.RecipientAccountID != string(m.by.Account) || e.UserIdentity.ARN != m.by.ARN || e.UserIdentity.Type != "Root" {
			t.Errorf("the event is %s", e.doc)
		}
		if noInput := strings.HasPrefix(nameOf(m.in), "DeleteOrganization") && e.EventName == "DeleteOrganization" || e.EventName == "LeaveOrganization" ||
			e.EventName == "DeleteResourcePolicy" || e.EventName == "CreateOrganization" || e.EventName == "EnableAllFeatures"; noInput != (e.RequestParameters == nil) {
			t.Errorf("the parameters are %v", e.RequestParameters)
		}
		if noOutput := g.operations["organizations."+nameOf(m.in)].NoOutput; noOutput != (e.ResponseElements == nil) {
			t.Errorf("the response is %v", e.ResponseElements)
		}
		for _, private := range []string{"new@example.com", `"New account"`, "@example.com"} {
			if strings.Contains(e.doc, private) {
				t.Errorf("the event shows %s: %s", private, e.doc)
			}
		}
		head, ok, err := g.store.TrailHead(t.Context(), queue)
		versions, err2 := g.store.Versions(t.Context(), queue)
		if err != nil || err2 != nil || !ok || head.Version != versions[queue] {
			t.Errorf("the last event is of version %d, the state of %d (%v, %v)", head.Version, versions[queue], err, err2)
		}
	})
}

func TestReadsLeaveNoEvent(t *testing.T) {
	g := newGarden(t)
	before := len(g.trail(t, g.management))
	for _, l := range g.lists() {
		g.do(t, g.management, l.in)
	}
	g.do(t, g.management, &organizations.DescribeOrganizationInput{})
	if after := len(g.trail(t, g.management)); after != before {
		t.Errorf("reading left %d events", after-before)
	}
}

func TestCreateAccountEvent(t *testing.T) {
	g := newGarden(t)
	g.do(t, g.management, &organizations.CreateAccountInput{AccountName: "New account", Email: "new@example.com", RoleName: new("Gardener"), Tags: tagged("team", "data")})
	e := g.trail(t, g.management)[0]
	parameters, _ := json.Marshal(e.RequestParameters)
	if string(parameters) != `{"accountName":"****","email":"****","roleName":"Gardener","tags":[{"key":"team","value":"data"}]}` {
		t.Errorf("the parameters are %s", parameters)
	}
	response, _ := json.Marshal(e.ResponseElements)
	if !regexp.MustCompile(`^\{"createAccountStatus":\{"accountName":"\*\*\*\*","id":"car-[0-9a-f]{32}","requestedTimestamp":"Mar 6, 2026 12:00:00 PM","state":"IN_PROGRESS"\}\}$`).Match(response) {
		t.Errorf("the response is %s", response)
	}
}

func TestLookupByAttribute(t *testing.T) {
	g := newGarden(t)
	g.do(t, g.management, &organizations.TagResourceInput{ResourceId: g.empty, Tags: tagged("a", "1")})
	key := identity.AccessKeyID("ASIA0000000000000001")
	session := g.assume(t, g.management, g.member.Account, "OrganizationAccountAccessRole")
	session.AccessKeyID = key
	g.do(t, session, &organizations.LeaveOrganizationInput{})
	last := g.trail(t, g.management)[0]
	for _, c := range []struct {
		by    identity.Caller
		key   cloudtrail.LookupAttributeKey
		value string
		is    func(cloudtrail.Event) bool
	}{
		{g.management, "EventId", last.EventID, func(e cloudtrail.Event) bool { return *e.EventId == last.EventID }},
		{g.management, "EventName", "TagResource", func(e cloudtrail.Event) bool { return *e.EventName == "TagResource" }},
		{g.management, "EventSource", "organizations.amazonaws.com", func(e cloudtrail.Event) bool { return *e.EventSource == "organizations.amazonaws.com" }},
		{g.management, "ReadOnly", "true", func(e cloudtrail.Event) bool { return *e.ReadOnly == "true" && *e.EventName == "AssumeRole" }},
		{g.management, "ReadOnly", "False", func(e cloudtrail.Event) bool { return *e.ReadOnly == "false" }},
		{g.management, "Username", "root", func(e cloudtrail.Event) bool { return *e.Username == "root" }},
		{g.member, "Username", "tester", func(e cloudtrail.Event) bool { return *e.Username == "tester" && *e.EventName == "LeaveOrganization" }},
		{g.member, "AccessKeyId", string(key), func(e cloudtrail.Event) bool { return *e.AccessKeyId == string(key) }},
		{g.management, "ResourceName", g.empty, func(e cloudtrail.Event) bool {
			return slices.ContainsFunc(e.Resources, func(r cloudtrail.Resource) bool { return *r.ResourceName == g.empty })
		}},
		{g.management, "ResourceType", "AWS::Organizations::OrganizationalUnit", func(e cloudtrail.Event) bool {
			return slices.ContainsFunc(e.Resources, func(r cloudtrail.Resource) bool { return *r.ResourceType == "AWS::Organizations::OrganizationalUnit" })
		}},
	} {
		t.Run(string(c.key)+" "+c.value, func(t *testing.T) {
			events := give[cloudtrail.LookupEventsOutput](t, g.world, c.by, &cloudtrail.LookupEventsInput{
				LookupAttributes: []cloudtrail.LookupAttribute{{AttributeKey: c.key, AttributeValue: c.value}},
			}).Events
			if len(events) == 0 || slices.ContainsFunc(events, func(e cloudtrail.Event) bool { return !c.is(e) }) {
				t.Errorf("found %d events: %+v", len(events), events)
			}
		})
	}
	for _, value := range []string{"nobody", "\x00", "root' OR '1'='1"} {
		if events := give[cloudtrail.LookupEventsOutput](t, g.world, g.management, &cloudtrail.LookupEventsInput{
			LookupAttributes: []cloudtrail.LookupAttribute{{AttributeKey: "Username", AttributeValue: value}},
		}).Events; events == nil || len(events) != 0 {
			t.Errorf("found %+v of %q", events, value)
		}
	}
}

func TestLookupPages(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	root := *w.rootOf(t, by).Id
	for i := range 60 {
		w.unit(t, by, root, fmt.Sprint(i))
		w.clock.advance(time.Second)
	}
	all := w.trail(t, by)
	if len(all) != 62 { // with the one of the management account's membership
		t.Fatalf("there are %d events", len(all))
	}
	for _, size := range []*int32{nil, new(int32(1)), new(int32(7)), new(int32(50))} {
		var seen []string
		in := &cloudtrail.LookupEventsInput{MaxResults: size}
		for {
			out := give[cloudtrail.LookupEventsOutput](t, w, by, in)
			for _, e := range out.Events {
				seen = append(seen, *e.EventId)
			}
			if limit := 50; size != nil && len(out.Events) > int(*size) || len(out.Events) > limit {
				t.Errorf("a page has %d events", len(out.Events))
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				break
			}
			w.clock.advance(20 * time.Minute) // the token does not depend on the time
		}
		if len(seen) != len(all) || seen[0] != all[0].EventID || seen[61] != all[61].EventID {
			t.Errorf("by pages of %v: %d events", size, len(seen))
		}
	}
}

func TestLookupByTime(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	root := *w.rootOf(t, by).Id
	count := func(from, to time.Time) int {
		return len(give[cloudtrail.LookupEventsOutput](t, w, by, &cloudtrail.LookupEventsInput{StartTime: from, EndTime: to}).Events)
	}
	w.clock.advance(time.Hour)
	w.unit(t, by, root, "Later")
	noon := start()
	for _, c := range []struct {
		from, to time.Time
		want     int
	}{
		{time.Time{}, time.Time{}, 3}, // the first two are of the new organization
		{noon, time.Time{}, 3},
		{noon.Add(time.Minute), time.Time{}, 1},
		{time.Time{}, noon.Add(time.Minute), 2},
		{noon, noon.Add(2 * time.Hour), 3},
		{noon.Add(2 * time.Hour), noon.Add(3 * time.Hour), 0},
		{noon.Add(-time.Hour), noon.Add(-time.Minute), 0},
	} {
		if got := count(c.from, c.to); got != c.want {
			t.Errorf("from %v to %v there are %d events, want %d", c.from, c.to, got, c.want)
		}
	}
	w.clock.advance(90*24*time.Hour - time.Minute)
	if got := count(noon, time.Time{}); got != 1 {
		t.Errorf("after ninety days there are %d events", got)
	}
	w.clock.advance(time.Hour)
	if got := count(time.Time{}, time.Time{}); got != 0 {
		t.Errorf("after ninety days and an hour there are %d events", got)
	}
}

func TestLookupRefusals(t *testing.T) {
	g := newGarden(t)
	token := *give[cloudtrail.LookupEventsOutput](t, g.world, g.management, &cloudtrail.LookupEventsInput{MaxResults: new(int32(1))}).NextToken
	attribute := func(key cloudtrail.LookupAttributeKey, value string) cloudtrail.LookupAttribute {
		return cloudtrail.LookupAttribute{AttributeKey: key, AttributeValue: value}
	}
	for name, c := range map[string]struct {
		in   *cloudtrail.LookupEventsInput
		code string
	}{
		"the end before the start": {&cloudtrail.LookupEventsInput{StartTime: start().Add(time.Second), EndTime: start()}, "InvalidTimeRange"},
		"two attributes":           {&cloudtrail.LookupEventsInput{LookupAttributes: []cloudtrail.LookupAttribute{attribute("EventName", "A"), attribute("EventName", "B")}}, "InvalidLookupAttributes"},
		"an unknown attribute":     {&cloudtrail.LookupEventsInput{LookupAttributes: []cloudtrail.LookupAttribute{attribute("Colour", "green")}}, "InvalidLookupAttributes"},
		"no boolean":               {&cloudtrail.LookupEventsInput{LookupAttributes: []cloudtrail.LookupAttribute{attribute("ReadOnly", "maybe")}}, "InvalidLookupAttributes"},
		"insights":                 {&cloudtrail.LookupEventsInput{EventCategory: new(cloudtrail.EventCategoryInsight)}, "InvalidEventCategory"},
		"no events":                {&cloudtrail.LookupEventsInput{MaxResults: new(int32(0))}, "InvalidMaxResults"},
		"too many events":          {&cloudtrail.LookupEventsInput{MaxResults: new(int32(51))}, "InvalidMaxResults"},
		"no token":                 {&cloudtrail.LookupEventsInput{NextToken: new("token")}, "InvalidNextToken"},
		"the token of another one": {&cloudtrail.LookupEventsInput{NextToken: &token, EndTime: start().Add(time.Hour)}, "InvalidNextToken"},
	} {
		t.Run(name, func(t *testing.T) {
			e := g.refuse(t, g.management, c.in)
			if e.ErrorCode() != c.code+"Exception" || e.ErrorMessage() == "" || e.HTTPStatus() != 400 {
				t.Errorf("refused with status %d, %v", e.HTTPStatus(), e)
			}
		})
	}
	if e := g.refuse(t, g.member, &cloudtrail.LookupEventsInput{NextToken: &token}); e.ErrorCode() != "InvalidNextTokenException" {
		t.Errorf("another account uses the token: %v", e)
	}
}
