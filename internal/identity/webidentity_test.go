package identity

import "testing"

func TestProviderOf(t *testing.T) {
	d := newDraft(t)
	p, err := d.CreateOIDCProvider(NewOIDCProvider{URL: "https://localhost:8443/realm", ClientIDs: []string{"app"}})
	must(t, err)
	for issuer, known := range map[string]bool{
		"https://localhost:8443/realm": true, "https://localhost:8443/realm/": true,
		"http://localhost:8443/realm": false, "localhost:8443/realm": false, "https://localhost:8443": false, "": false,
	} {
		got, err := d.ProviderOf(issuer)
		if known && (got != p || err != nil) {
			t.Errorf("%s: %v, %v", issuer, got, err)
		}
		if !known {
			wantRefusal(t, err, InvalidIdentityToken, "No OpenIDConnect provider found in your account for "+issuer)
		}
	}
	for _, tt := range []struct {
		who    WebIdentity
		client string
		good   bool
	}{
		{WebIdentity{Audience: []string{"app"}}, "app", true},
		{WebIdentity{Audience: []string{"other", "app"}}, "other", true},
		{WebIdentity{Audience: []string{"other"}, AuthorizedParty: "app"}, "app", true},
		{WebIdentity{Audience: []string{"app"}, AuthorizedParty: "other"}, "other", false},
		{WebIdentity{Audience: []string{"other"}}, "other", false},
		{WebIdentity{}, "", false},
	} {
		if got := tt.who.Client(); got != tt.client {
			t.Errorf("%+v is for %s, want %s", tt.who, got, tt.client)
		}
		if err := p.CheckAudience(&tt.who); tt.good {
			must(t, err)
		} else {
			wantRefusal(t, err, InvalidIdentityToken, "Incorrect token audience")
		}
	}
	by := d.Account().WebIdentityCaller(p, &WebIdentity{Subject: "repo:garden", AuthorizedParty: "app"})
	if by.ARN != "arn:aws:iam::111122223333:oidc-provider/localhost:8443/realm" || by.UserID != "localhost:8443/realm:app:repo:garden" || by.Account != testAccount {
		t.Errorf("the caller is %+v", by)
	}
	for arn, want := range map[string]AccountID{"arn:aws:iam::111122223333:role/R": testAccount, "arn:aws:iam::aws:policy/P": "", "arn": ""} {
		if got, ok := AccountOf(arn); got != want || ok != (want != "") {
			t.Errorf("%s is of %s", arn, got)
		}
	}
}
