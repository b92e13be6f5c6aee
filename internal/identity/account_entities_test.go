package identity

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestUserAccessKeys(t *testing.T) {
	d, keyring := newPopulation(t), newKeyring(t)
	key, secret, err := d.CreateAccessKey("ANN", keyring)
	must(t, err)
	if key.Principal != "Ann" || len(secret.Reveal()) != 40 {
		t.Errorf("got %+v", key)
	}
	root, _, err := d.CreateRootAccessKey(keyring)
	must(t, err)
	if got := slices.Collect(d.AccessKeysOf("ann")); len(got) != 1 || got[0] != key {
		t.Errorf("Ann has %+v", got)
	}
	if got, err := d.AccessKeyOf("ann", key.ID); err != nil || got != key {
		t.Errorf("got %+v, %v", got, err)
	}
	for principal, id := range map[string]AccessKeyID{"ann": root.ID, RootPrincipal: key.ID} {
		_, err := d.AccessKeyOf(principal, id)
		wantRefusal(t, err, NoSuchEntity, "The Access Key with id "+string(id)+" cannot be found.")
	}
	_, err = d.AccessKeyOf("Nobody", key.ID)
	wantRefusal(t, err, NoSuchEntity, "The user with name Nobody cannot be found.")
	_, _, err = d.CreateAccessKey("Nobody", keyring)
	wantRefusal(t, err, NoSuchEntity, "The user with name Nobody cannot be found.")
	_, _, err = d.CreateAccessKey("Ann", keyring)
	must(t, err)
	_, _, err = d.CreateAccessKey("Ann", keyring)
	wantRefusal(t, err, LimitExceeded, "Cannot exceed quota for AccessKeysPerUser: 2")
	for range d.AccessKeysOf("ann") {
		break
	}
}

func TestLastUse(t *testing.T) {
	d, keyring := newPopulation(t), newKeyring(t)
	key, _, err := d.CreateAccessKey("ann", keyring)
	must(t, err)
	r, _ := d.Role("Reader")
	for _, by := range []Caller{
		{AccessKeyID: key.ID},
		{AccessKeyID: "ASIA", Role: &SessionIssuer{Name: "reader", ID: r.ID}},
	} {
		use := func(now time.Time, service string) {
			d.now = now
			d.RecordUse(by, service, "eu-central-1")
		}
		use(testTime, "iam")
		use(testTime.Add(14*time.Minute), "sts") // no news
		want := &Access{testTime, "iam", "eu-central-1"}
		last := func() *Access {
			if by.Role != nil {
				r, _ := d.Role("Reader")
				return r.LastUsed
			}
			k, _ := d.AccessKey(key.ID)
			return k.LastUsed
		}
		if diff := cmp.Diff(want, last()); diff != "" {
			t.Error(diff)
		}
		use(testTime.Add(15*time.Minute), "sts")
		if last().Service != "sts" {
			t.Errorf("got %+v", last())
		}
	}
	for _, by := range []Caller{{AccessKeyID: "AKIA"}, {Role: &SessionIssuer{Name: "Reader", ID: "AROA"}}, {Role: &SessionIssuer{Name: "None"}}} {
		if d.UseIsNews(by, testTime.Add(time.Hour)) {
			t.Errorf("the use by %+v is news", by)
		}
	}
}

func TestAlias(t *testing.T) {
	d := newDraft(t)
	for _, alias := range []string{"ab", "-abc", "abc-", "a--c", "ABC", strings.Repeat("x", 64)} {
		wantRefusal(t, d.SetAlias(alias), ValidationError, "accountAlias")
	}
	must(t, d.SetAlias("orchard"))
	must(t, d.SetAlias("orchard-2"))
	wantRefusal(t, d.DeleteAlias("orchard"), NoSuchEntity, "The account alias orchard cannot be found.")
	must(t, d.DeleteAlias("orchard-2"))
	wantRefusal(t, d.DeleteAlias(""), NoSuchEntity, "")
	wantRefusal(t, AliasTaken("orchard"), EntityAlreadyExists, "The account alias orchard already exists.")
}

func TestFeatures(t *testing.T) {
	d := newDraft(t)
	must(t, d.JoinOrganization("o-aaaaaaaaaa"))
	d.SetFeature(RootSessions, true)
	d.SetFeature(RootCredentialsManagement, true)
	d.SetFeature(RootSessions, true)
	if got := d.Profile().Features; !slices.Equal(got, []Feature{RootCredentialsManagement, RootSessions}) {
		t.Errorf("got %q", got)
	}
	d.SetFeature(RootSessions, false)
	d.SetFeature(RootSessions, false)
	if got := d.Profile().Features; !slices.Equal(got, []Feature{RootCredentialsManagement}) {
		t.Errorf("got %q", got)
	}
	must(t, d.LeaveOrganization())
	if got := d.Profile().Features; got != nil {
		t.Errorf("after leaving: %q", got)
	}
	d.SetFeature(RootSessions, false)
	if got := d.Profile().Features; got != nil {
		t.Errorf("got %q", got)
	}
}

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
	if got := slices.Collect(d.OIDCProviders()); got != nil {
		t.Errorf("left are %v", got)
	}
}

func TestCreateServiceLinkedRoleRefuses(t *testing.T) {
	d := newDraft(t)
	const autoscaling = "autoscaling.amazonaws.com"
	r, err := d.CreateServiceLinkedRole(autoscaling, "web", "mine")
	must(t, err)
	if r.Name != "AWSServiceRoleForAutoScaling_web" || r.Description != "mine" {
		t.Errorf("got %+v", r)
	}
	_, err = d.CreateServiceLinkedRole(autoscaling, "", "")
	must(t, err)
	for _, c := range []struct {
		service, suffix, description string
		kind                         ErrorKind
		text                         string
	}{
		{autoscaling, "web", "", InvalidInput, "Service role name AWSServiceRoleForAutoScaling_web has been taken in this account, please try a different suffix."},
		{OrganizationsService, "x", "", InvalidInput, "Custom suffix is not allowed for organizations.amazonaws.com"},
		{"spoon.amazonaws.com", "", "", InvalidInput, "not supported"},
		{autoscaling, "b", strings.Repeat("x", 1001), ValidationError, "description"},
		{autoscaling, strings.Repeat("x", 64), "", ValidationError, "customSuffix"},
	} {
		unchanged(t, d, func() {
			_, err := d.CreateServiceLinkedRole(c.service, c.suffix, c.description)
			wantRefusal(t, err, c.kind, c.text)
		})
	}
}

func TestDeleteServiceLinkedRole(t *testing.T) {
	d := newPopulation(t)
	r, err := d.EnsureServiceLinkedRole(OrganizationsService)
	must(t, err)
	failed, err := d.DeleteServiceLinkedRole(r.Name, &RoleUsage{"in use", []string{"arn:aws:x"}})
	must(t, err)
	if !strings.HasPrefix(failed.ID, "task/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations/") || failed.Succeeded() || failed.Reason != "in use" {
		t.Errorf("got %+v", failed)
	}
	if _, ok := d.Role(r.Name); !ok {
		t.Error("a role that is needed is gone")
	}
	task, err := d.DeleteServiceLinkedRole("awsserviceroleFORorganizations", nil)
	must(t, err)
	if got, err := d.DeletionTask(task.ID); err != nil || got != task || !got.Succeeded() {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = d.DeletionTask(failed.ID)
	wantRefusal(t, err, NoSuchEntity, failed.ID)
	for _, id := range []string{"", "x", "task/a/b/c/d"} {
		_, err = d.DeletionTask(id)
		wantRefusal(t, err, InvalidInput, "not valid")
	}
	for _, name := range []string{r.Name, "Reader", "Nobody"} {
		_, err = d.DeleteServiceLinkedRole(name, nil)
		wantRefusal(t, err, NoSuchEntity, "The role with name "+name+" cannot be found.")
	}
}

func TestUpdateRole(t *testing.T) {
	d := newPopulation(t)
	must(t, d.UpdateRole("READER", new("reads"), new(int32(7200))))
	must(t, d.UpdateRole("Reader", nil, nil))
	must(t, d.UpdateAssumeRolePolicy("Reader", trustDocument("AWS", "*")))
	r, _ := d.Role("reader")
	if r.Description != "reads" || r.MaxSessionDuration != 7200 || r.TrustPolicy != trustDocument("AWS", "*") {
		t.Errorf("got %+v", r)
	}
	for _, c := range []struct {
		err  error
		kind ErrorKind
		text string
	}{
		{d.UpdateRole("Nobody", nil, nil), NoSuchEntity, "The role with name Nobody cannot be found."},
		{d.UpdateRole("Reader", new(strings.Repeat("x", 1001)), nil), ValidationError, "description"},
		{d.UpdateRole("Reader", nil, new(int32(1))), ValidationError, "between"},
		{d.UpdateAssumeRolePolicy("Nobody", trustAll), NoSuchEntity, "Nobody"},
		{d.UpdateAssumeRolePolicy("Reader", allowAll), MalformedPolicyDocument, "Syntax errors in policy."},
		{d.UpdateAssumeRolePolicy("Reader", strings.Repeat("x", 2049)), LimitExceeded, "Cannot exceed quota for ACLSizePerRole: 2048"},
	} {
		wantRefusal(t, c.err, c.kind, c.text)
	}
}

func TestCount(t *testing.T) {
	d, keyring := newPopulation(t), newKeyring(t)
	must(t, second(d.CreatePolicyVersion(ownPolicy, allowAll, false)))
	must(t, second(d.EnsureServiceLinkedRole(OrganizationsService)))
	_, _, err := d.CreateRootAccessKey(keyring)
	must(t, err)
	want := Count{Users: 1, Groups: 1, Roles: 1, Policies: 1, PolicyVersions: 2, RootAccessKeys: 1}
	if diff := cmp.Diff(want, d.Count()); diff != "" {
		t.Error(diff)
	}
}

// TestNothingWithoutRandomness: what needs an id fails without one and changes nothing.
func TestNothingWithoutRandomness(t *testing.T) {
	a := newPopulation(t).Account()
	slr := a.Draft(testTime, drawRandom())
	must(t, second(slr.EnsureServiceLinkedRole(OrganizationsService)))
	d := slr.Account().Draft(testTime, bytes.NewReader(nil))
	for name, err := range map[string]error{
		"user":   second(d.CreateUser(NewUser{Name: "x"})),
		"group":  second(d.CreateGroup("x", "")),
		"role":   second(d.CreateRole(NewRole{Name: "x", TrustPolicy: trustAll})),
		"policy": second(d.CreatePolicy(NewPolicy{Name: "x", Document: allowAll})),
		"task":   second(d.DeleteServiceLinkedRole("AWSServiceRoleForOrganizations", nil)),
	} {
		if !errors.Is(err, io.EOF) || len(d.Changes()) > 0 {
			t.Errorf("%s: %v, %+v", name, err, d.Changes())
		}
	}
}
