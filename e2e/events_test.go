package e2e_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// hookKey is the key that webhooks of the stories share with the server.
const hookKey = "a key that only stories have"

// hook is a webhook: it checks signatures and lets the story answer.
type hook struct {
	t       *testing.T
	address string
	secret  string // the path of its file
	answer  func(id string, body []byte, w http.ResponseWriter)
	server  *http.Server
}

// newHook returns a webhook that does not listen yet.
func newHook(t *testing.T, answer func(id string, body []byte, w http.ResponseWriter)) *hook {
	t.Helper()
	h := &hook{t: t, address: freeAddress(t), secret: filepath.Join(t.TempDir(), "secret"), answer: answer}
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte(hookKey))
	if err := os.WriteFile(h.secret, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

// listen makes the webhook answer until the story ends.
func (h *hook) listen() {
	h.t.Helper()
	listener, err := net.Listen("tcp", h.address)
	if err != nil {
		h.t.Fatal(err)
	}
	h.server = &http.Server{Handler: h}
	go h.server.Serve(listener)
	h.t.Cleanup(func() { h.server.Close() })
}

// ServeHTTP refuses what the server did not sign.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	mac := hmac.New(sha256.New, []byte(hookKey))
	id := r.Header.Get("webhook-id")
	fmt.Fprintf(mac, "%s.%s.%s", id, r.Header.Get("webhook-timestamp"), body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); err != nil || r.Header.Get("webhook-signature") != want {
		h.t.Errorf("signature %q, want %q (%v)", r.Header.Get("webhook-signature"), want, err)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	h.answer(id, body, w)
}

// occurrence is an event as receivers see it.
type occurrence struct {
	ID, Source, Type, Sequence string
	Data                       struct{ EventName string }
}

// diary is what a receiver was told, without repetitions.
type diary struct {
	t       *testing.T
	mu      sync.Mutex
	known   map[string]bool
	last    map[string]string // sequence by source
	entries []occurrence
}

// enter notes an event. It must come after those of the same source that were told before it.
func (d *diary) enter(body []byte) {
	var e occurrence
	if err := json.Unmarshal(body, &e); err != nil || e.ID == "" {
		d.t.Errorf("an event is %s (%v)", body, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known[e.ID] {
		return
	}
	if e.Sequence <= d.last[e.Source] {
		d.t.Errorf("%s %s came after %s", e.Source, e.Sequence, d.last[e.Source])
	}
	d.known[e.ID], d.last[e.Source], d.entries = true, e.Sequence, append(d.entries, e)
}

// names are the names of the events of a source.
func (d *diary) names(source string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for _, e := range d.entries {
		if e.Source == source {
			names = append(names, e.Data.EventName)
		}
	}
	return names
}

func newDiary(t *testing.T) *diary {
	return &diary{t: t, known: map[string]bool{}, last: map[string]string{}}
}

// TestEventsStory: a receiver that is dead for a while gets everything in order, though the servers are killed meanwhile;
// another one, which is a file, does not wait for it.
func TestEventsStory(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, db database) {
		told := newDiary(t)
		audit := newHook(t, func(_ string, body []byte, w http.ResponseWriter) { told.enter(body) })
		file := filepath.Join(t.TempDir(), "events.jsonl")
		configuration := fmt.Sprintf(`{"receivers": [{"name": "audit", "url": "http://%s/", "secretFile": %q}, {"name": "log", "file": %q, "events": ["Create*"]}]}`, audit.address, audit.secret, file)
		s := startConfigured(t, t.TempDir(), db, configuration)
		if db.url != "" {
			startConfigured(t, s.dataDir, db, configuration)
		}
		owner := s.founder(t, "owner", types.OrganizationFeatureSetAll)
		source := "espalier:" + owner.organization(t)
		root := call(t, owner.ListRoots, &sdk.ListRootsInput{}).Roots[0].Id
		want := []string{"AccountJoinedOrganization"}
		for i := range 8 {
			call(t, owner.CreateOrganizationalUnit, &sdk.CreateOrganizationalUnitInput{ParentId: root, Name: aws.String(fmt.Sprint("unit", i))})
			want = append(want, "CreateOrganizationalUnit")
		}
		call(t, owner.CreateAccount, &sdk.CreateAccountInput{AccountName: aws.String("new"), Email: aws.String("new@example.com")})
		want = append(want, "CreateAccount", "AccountJoinedOrganization", "CreateAccountResult")
		created := slices.DeleteFunc(slices.Clone(want), func(name string) bool { return !strings.HasPrefix(name, "Create") })
		inFile := func() []string {
			lines := newDiary(t)
			text, err := os.Open(file)
			if err != nil {
				return nil
			}
			defer text.Close()
			for scanner := bufio.NewScanner(text); scanner.Scan(); {
				lines.enter(scanner.Bytes())
			}
			return lines.names(source)
		}
		eventually(t, "the file to tell everything", func() bool { return slices.Equal(inFile(), created) })
		s.restart()
		audit.listen()
		call(t, owner.EnablePolicyType, &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: types.PolicyTypeTagPolicy})
		want = append(want, "EnablePolicyType")
		eventually(t, "the receiver to be told everything", func() bool { return slices.Equal(told.names(source), want) })
	})
}
