package identity

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOIDCProviders(t *testing.T) {
	d := newDraft(t)
	print1 := strings.Repeat("0a", 20)
	p, err := d.CreateOIDCProvider(NewOIDCProvider{
		URL: "https://token.example.com/realm/", ClientIDs: []string{"app", "app", "web"}, Thumbprints: []string{print1}, Tags: []Tag{{"k", "v"}},
	})
	must(t, err)
	want := &OIDCProvider{URL: "token.example.com/realm", ClientIDs: []string{"app", "web"}, Thumbprints: []string{print1}, Created: testTime, Tags: []Tag{{"k", "v"}}}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	arn := d.OIDCProviderARN(p)
	if arn != "arn:aws:iam::111122223333:oidc-provider/token.example.com/realm" {
		t.Errorf("the ARN is %s", arn)
	}
	if got, err := d.OIDCProvider(arn); err != nil || got != p {
		t.Errorf("got %+v, %v", got, err)
	}
	many := make([]string, 101)
	for _, c := range []struct {
		in   NewOIDCProvider
		kind ErrorKind
		text string
	}{
		{NewOIDCProvider{URL: "https://token.example.com/realm"}, EntityAlreadyExists, "Provider with url https://token.example.com/realm already exists."},
		{NewOIDCProvider{URL: "http://x.com"}, ValidationError, "Invalid Open ID Connect Provider URL"},
		{NewOIDCProvider{URL: "https://"}, ValidationError, ""},
		{NewOIDCProvider{URL: "https://x.com:443"}, ValidationError, ""},
		{NewOIDCProvider{URL: "https://me@x.com"}, ValidationError, ""},
		{NewOIDCProvider{URL: "https://x.com?a"}, ValidationError, ""},
		{NewOIDCProvider{URL: "https://x.com/%zz"}, ValidationError, ""},
		{NewOIDCProvider{URL: "https://x.com/" + strings.Repeat("x", 255)}, ValidationError, ""},
		{NewOIDCProvider{URL: "https://x.com", ClientIDs: many}, LimitExceeded, "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"},
		{NewOIDCProvider{URL: "https://x.com", Thumbprints: many[:6]}, InvalidInput, "Thumbprint list must contain fewer than 5 entries."},
		{NewOIDCProvider{URL: "https://x.com", Thumbprints: []string{"0a"}}, InvalidInput, "40 hexadecimal digits"},
		{NewOIDCProvider{URL: "https://x.com", Tags: []Tag{{"aws:a", ""}}}, InvalidInput, "aws:"},
	} {
		unchanged(t, d, func() {
			_, err := d.CreateOIDCProvider(c.in)
			wantRefusal(t, err, c.kind, c.text)
		})
	}
	_, err = d.OIDCProvider("arn:aws:iam::111122223333:role/x")
	wantRefusal(t, err, InvalidInput, "Invalid ARN")
	_, err = d.OIDCProvider(arn + "x")
	wantRefusal(t, err, NoSuchEntity, "OpenIDConnect Provider not found for arn "+arn+"x")
	wantRefusal(t, d.DeleteOIDCProvider("x"), InvalidInput, "Invalid ARN")
	d.Limit(&Quotas{OIDCProviders: 1})
	_, err = d.CreateOIDCProvider(NewOIDCProvider{URL: "https://x.com"})
	wantRefusal(t, err, LimitExceeded, "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 1")
	must(t, d.DeleteOIDCProvider(arn))
	must(t, d.DeleteOIDCProvider(arn))
	if got := slices.Collect(d.OIDCProviders("")); got != nil {
		t.Errorf("left are %v", got)
	}
}

func TestOIDCProvidersChange(t *testing.T) {
	d := newDraft(t)
	first, second := strings.Repeat("0a", 20), strings.Repeat("0b", 20)
	before, err := d.CreateOIDCProvider(NewOIDCProvider{URL: "https://x.com", ClientIDs: []string{"app"}, Thumbprints: []string{first}, Tags: []Tag{{"k", "v"}}})
	must(t, err)
	arn := d.OIDCProviderARN(before)
	must(t, d.AddClientID(arn, "web"))
	must(t, d.AddClientID(arn, "web"))
	must(t, d.RemoveClientID(arn, "app"))
	must(t, d.RemoveClientID(arn, "never"))
	must(t, d.SetThumbprints(arn, []string{second, second}))
	must(t, d.TagOIDCProvider(arn, []Tag{{"K", "w"}, {"stage", ""}}))
	must(t, d.UntagOIDCProvider(arn, []string{"STAGE", "never"}))
	after, err := d.OIDCProvider(arn)
	must(t, err)
	want := &OIDCProvider{URL: "x.com", ClientIDs: []string{"web"}, Thumbprints: []string{second}, Created: testTime, Tags: []Tag{{"K", "w"}}}
	if diff := cmp.Diff(want, after); diff != "" {
		t.Error(diff)
	}
	if before.ClientIDs[0] != "app" || before.Thumbprints[0] != first || before.Tags[0].Value != "v" {
		t.Errorf("what readers have changed to %+v", before)
	}
	changes := map[string]func(arn string) error{
		"AddClientID":       func(arn string) error { return d.AddClientID(arn, "app") },
		"RemoveClientID":    func(arn string) error { return d.RemoveClientID(arn, "app") },
		"SetThumbprints":    func(arn string) error { return d.SetThumbprints(arn, nil) },
		"TagOIDCProvider":   func(arn string) error { return d.TagOIDCProvider(arn, nil) },
		"UntagOIDCProvider": func(arn string) error { return d.UntagOIDCProvider(arn, nil) },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			unchanged(t, d, func() { wantRefusal(t, change("x"), InvalidInput, "Invalid ARN") })
			unchanged(t, d, func() { wantRefusal(t, change(arn+"x"), NoSuchEntity, "not found") })
		})
	}
	unchanged(t, d, func() {
		wantRefusal(t, d.SetThumbprints(arn, []string{"0a"}), InvalidInput, "40 hexadecimal digits")
		wantRefusal(t, d.TagOIDCProvider(arn, []Tag{{"aws:a", ""}}), InvalidInput, "aws:")
	})
	d.Limit(&Quotas{ClientIDsPerProvider: 1, Tags: 1})
	unchanged(t, d, func() {
		wantRefusal(t, d.AddClientID(arn, "app"), LimitExceeded, "ClientIdsPerOpenIdConnectProvider: 1")
		wantRefusal(t, d.TagOIDCProvider(arn, []Tag{{"more", ""}}), LimitExceeded, "tags")
	})
}
