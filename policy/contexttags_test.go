package policy

import (
	"slices"
	"testing"
)

// label is a tag.
type label [2]string

func (l label) Pair() (key, value string) { return l[0], l[1] }

// TestTagged: a key is found by its prefix and the tag's key, both without case, as if it had been set.
func TestTagged(t *testing.T) {
	tags := []label{{"Team", "red"}, {"team", "blue"}, {"Straße/Ö", "x\xff"}, {"ΟΔΟΣ", "road"}, {"οδος", "street"}, {"k", "k"}, {"\u212A", "kelvin"}, {"empty", ""}}
	var found, set Context
	found.Over(Tagged("aws:ResourceTag/", tags))
	for _, tag := range tags {
		set.Set("aws:ResourceTag/"+tag[0], tag[1])
	}
	for key, want := range map[string]string{
		"aws:ResourceTag/Team": "blue", "AWS:resourcetag/TEAM": "blue", "aws:ResourceTag/strasse/ö": "", "aws:ResourceTag/straße/ö": "x\uFFFD",
		"aws:ResourceTag/οδος": "street", "aws:ResourceTag/K": "kelvin", "aws:ResourceTag/empty": "", "aws:ResourceTag/": "", "aws:ResourceTag": "", "aws:RequestTag/team": "",
	} {
		got, known := found.Get(key)
		same, ok := set.Get(key)
		if known != ok || known && (got.Values()[0] != want || same.Values()[0] != want) {
			t.Errorf("%s is %v (%v) as a tag and %v (%v) when set; want %q", key, got, known, same, ok, want)
		}
	}
	var all []string
	for key, value := range found.All() {
		all = append(all, key+"="+value.Values()[0])
	}
	want := []string{"aws:ResourceTag/team=blue", "aws:ResourceTag/Straße/Ö=x\uFFFD", "aws:ResourceTag/οδος=street", "aws:ResourceTag/\u212A=kelvin", "aws:ResourceTag/empty="}
	if !slices.Equal(all, want) {
		t.Errorf("all keys: %q", all)
	}
	for range found.All() {
		break
	}
	policies := &Policies{Identity: NewSet(attached(t, IdentityPolicy, "i", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/ΟΔΟΣ":"${aws:ResourceTag/missing, 'street'}"}}}`))}
	r := request(t, "arn:aws:iam::"+home+":user/ana", "s3:GetObject", "*")
	r.Context.Over(Tagged("aws:ResourceTag/", tags))
	if d := Decide(r, policies); d.Result != Allowed {
		t.Errorf("the decision is %+v", d)
	}
	if n := testing.AllocsPerRun(100, func() { Decide(r, policies) }); n > 0 {
		t.Errorf("deciding took memory %v times", n)
	}
}
