package identity

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// chained is a session that hands on a tag and a source identity.
func chained() Caller {
	return Caller{
		Type: AssumedRole, SourceIdentity: "ann", TransitiveTagKeys: []string{"Team"},
		SessionTags: []Tag{{"team", "orchard"}, {"shift", "night"}},
	}
}

func TestSessionTags(t *testing.T) {
	many := make([]Tag, maxSessionTags)
	for i := range many {
		many[i] = Tag{fmt.Sprint(i), ""}
	}
	for _, tt := range []struct {
		name       string
		by         Caller
		asked      []Tag
		transitive []string
		want       []Tag
		keys       []string
		kind       ErrorKind
		text       string
	}{
		{name: "none"},
		{name: "inherited", by: chained(), want: []Tag{{"team", "orchard"}}, keys: []string{"Team"}},
		{
			name: "inherited and more", by: chained(), asked: []Tag{{"Shift", "day"}, {"x", ""}}, transitive: []string{"X", "x"},
			want: []Tag{{"team", "orchard"}, {"Shift", "day"}, {"x", ""}}, keys: []string{"Team", "X"},
		},
		{name: "as many as can be", asked: many, want: many},
		{name: "too many", by: chained(), asked: many, kind: ValidationError, text: "at most 50 tags"},
		{name: "overriding", by: chained(), asked: []Tag{{"TEAM", "x"}}, kind: InvalidParameterValue, text: "conflicts with a transitive tag key"},
		{name: "twice", asked: []Tag{{"a", "1"}, {"A", "2"}}, kind: InvalidParameterValue, text: "Duplicate tag keys"},
		{name: "reserved", asked: []Tag{{"AWS:x", "1"}}, kind: InvalidParameterValue, text: "reserved"},
		{name: "no key", asked: []Tag{{"", "1"}}, kind: ValidationError, text: "1 to 128"},
		{name: "a long key", asked: []Tag{{strings.Repeat("é", 129), "1"}}, kind: ValidationError, text: "1 to 128"},
		{name: "a long value", asked: []Tag{{"a", strings.Repeat("é", 257)}}, kind: ValidationError, text: "at most 256"},
		{name: "transitive, and not there", by: chained(), transitive: []string{"team"}, kind: InvalidParameterValue, text: "must be included in the requested tags"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, keys, err := sessionTags(tt.by, tt.asked, tt.transitive)
			if tt.kind != 0 {
				wantRefusal(t, err, tt.kind, tt.text)
				return
			}
			must(t, err)
			if !slices.Equal(got, tt.want) || !slices.Equal(keys, tt.keys) {
				t.Errorf("got %v, transitive %v", got, keys)
			}
		})
	}
}

func TestSourceIdentity(t *testing.T) {
	for _, tt := range []struct{ inherited, asked, want, text string }{
		{"", "", "", ""},
		{"", "ann", "ann", ""},
		{"ann", "", "ann", ""},
		{"ann", "ann", "ann", ""},
		{"ann", "bob", "", "already set"},
		{"", "a b", "", "source identity must be"},
		{"", "aws:x", "", "source identity must be"},
	} {
		got, err := sourceIdentity(tt.inherited, tt.asked)
		if tt.text != "" {
			wantRefusal(t, err, ValidationError, tt.text)
		} else if got != tt.want || err != nil {
			t.Errorf("%q after %q: %q, %v", tt.asked, tt.inherited, got, err)
		}
	}
}

// TestSessionCarries: what a session was given is in its caller, and what would not fit is refused.
func TestSessionCarries(t *testing.T) {
	d := newDraft(t)
	role, err := d.CreateRole(NewRole{Name: "R", TrustPolicy: trustDocument("AWS", "*")})
	must(t, err)
	must(t, second(d.CreatePolicy(NewPolicy{Name: "Own", Document: allowAll})))
	a := d.Account()
	own := PolicyARN(PartitionAWS, testAccount, "/", "Own")
	s, err := a.RoleSession(role, chained(), NewRoleSession{
		Name: "alice", Duration: time.Hour, Tags: []Tag{{"x", "y"}}, TransitiveTagKeys: []string{"x"}, Policies: SessionPolicies{Inline: "\t" + allowAll + "\n", Managed: []string{own}},
	}, testTime)
	must(t, err)
	by := s.Caller()
	const small = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	want := Caller{
		SourceIdentity: "ann", SessionTags: []Tag{{"team", "orchard"}, {"x", "y"}}, TransitiveTagKeys: []string{"Team", "x"},
		SessionPolicies: &SessionPolicies{Inline: small, Managed: []string{own}},
	}
	got := Caller{SourceIdentity: by.SourceIdentity, SessionTags: by.SessionTags, TransitiveTagKeys: by.TransitiveTagKeys, SessionPolicies: by.SessionPolicies}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if size := s.PackedSize(); size != 9 { // 13 of 456 bytes, and 118 of 2,048 characters: 2.85 and 5.76 %
		t.Errorf("the session takes %d %%", size)
	}

	long := func(n int) SessionPolicies {
		const around = len(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"","Resource":"*"}]}`)
		return SessionPolicies{Inline: strings.Replace(allowAll, `"*"`, `"`+strings.Repeat("a", n-around-3)+`:*"`, 1)}
	}
	nine := make([]Tag, 9)
	for i := range nine {
		nine[i] = Tag{fmt.Sprintf("T%d", i), strings.Repeat("a", 250)}
	}
	for name, tt := range map[string]struct {
		in   NewRoleSession
		kind ErrorKind
		text string
	}{
		"an hour of chaining": {NewRoleSession{Duration: time.Hour + time.Second}, ValidationError, "role chaining"},
		"no JSON":             {NewRoleSession{Policies: SessionPolicies{Inline: "{"}}, MalformedPolicyDocument, "invalid Json"},
		"with a principal":    {NewRoleSession{Policies: SessionPolicies{Inline: trustDocument("AWS", "*")}}, MalformedPolicyDocument, "Syntax errors"},
		"an unknown policy":   {NewRoleSession{Policies: SessionPolicies{Managed: []string{own + "er"}}}, MalformedPolicyDocument, "does not exist"},
		"a service's policy": {NewRoleSession{Policies: SessionPolicies{Managed: []string{ManagedPolicyARN(PartitionAWS, "aws-service-role/AWSOrganizationsServiceTrustPolicy")}}},
			MalformedPolicyDocument, "not attachable"},
		"eleven policies": {NewRoleSession{Policies: SessionPolicies{Managed: slices.Repeat([]string{own}, 11)}}, ValidationError, "less than or equal to 10"},
		"a long policy":   {NewRoleSession{Policies: long(2048)}, PackedPolicyTooLarge, "Packed policy consumes 103% of allotted space, please use smaller policy."},
		"long tags":       {NewRoleSession{Tags: nine}, PackedPolicyTooLarge, "Packed size of session tags consumes 500% of allotted space."},
		"a wrong tag":     {NewRoleSession{Tags: []Tag{{"team", ""}}}, InvalidParameterValue, "conflicts"},
		"another source":  {NewRoleSession{SourceIdentity: "bob"}, ValidationError, "already set"},
	} {
		t.Run(name, func(t *testing.T) {
			in := tt.in
			in.Name = "alice"
			if in.Duration == 0 {
				in.Duration = time.Hour
			}
			_, err := a.RoleSession(role, chained(), in, testTime)
			wantRefusal(t, err, tt.kind, tt.text)
		})
	}
	alone := Caller{}
	_, err = a.RoleSession(role, alone, NewRoleSession{Name: "alice", Duration: time.Hour, Policies: long(2048)}, testTime)
	must(t, err)
	_, err = a.RoleSession(role, alone, NewRoleSession{Name: "alice", Duration: time.Hour, Tags: nine}, testTime)
	wantRefusal(t, err, PackedPolicyTooLarge, "498%") // as it was seen
}
