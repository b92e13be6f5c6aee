package ops_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/authz"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
)

const accessRole = "OrganizationAccountAccessRole"

func TestGetCallerIdentity(t *testing.T) {
	w := newWorld(t)
	by := w.standalone(t, "Somebody")
	out := give[sts.GetCallerIdentityOutput](t, w, by, &sts.GetCallerIdentityInput{})
	if *out.Account != string(by.Account) || *out.Arn != "arn:aws:iam::"+string(by.Account)+":root" || *out.UserId != string(by.Account) {
		t.Errorf("the caller is %s, %s, %s", *out.Account, *out.Arn, *out.UserId)
	}
}

func TestAssumeRole(t *testing.T) {
	g := newGarden(t)
	member := string(g.member.Account)
	out := give[sts.AssumeRoleOutput](t, g.world, g.management, &sts.AssumeRoleInput{
		RoleArn: "arn:aws:iam::" + member + ":role/" + accessRole, RoleSessionName: "ann@example.com",
	})
	session := g.sessions[out.Credentials.AccessKeyId]
	caller := session.Caller()
	if want := "arn:aws:sts::" + member + ":assumed-role/" + accessRole + "/ann@example.com"; out.AssumedRoleUser.Arn != want || caller.ARN != want {
		t.Errorf("the session is %s and %s, want %s", out.AssumedRoleUser.Arn, caller.ARN, want)
	}
	if !strings.HasPrefix(out.AssumedRoleUser.AssumedRoleId, "AROA") || !strings.HasSuffix(out.AssumedRoleUser.AssumedRoleId, ":ann@example.com") ||
		caller.UserID != out.AssumedRoleUser.AssumedRoleId || caller.SourceIdentity != "" || out.SourceIdentity != nil || out.PackedPolicySize != nil {
		t.Errorf("the session is %+v", caller)
	}
	if lasts := out.Credentials.Expiration.Sub(session.Issued); lasts != time.Hour {
		t.Errorf("the session lasts %v", lasts)
	}
	e := g.trail(t, g.management)[0]
	if e.EventName != "AssumeRole" || !e.ReadOnly {
		t.Errorf("the event is %s", e.doc)
	}
	for _, secret := range []string{*out.Credentials.SecretAccessKey, *out.Credentials.SessionToken} {
		if strings.Contains(e.doc, secret) {
			t.Errorf("the event shows a secret: %s", e.doc)
		}
	}
	who := give[sts.GetCallerIdentityOutput](t, g.world, caller, &sts.GetCallerIdentityInput{})
	if *who.Account != member || *who.Arn != caller.ARN || *who.UserId != caller.UserID {
		t.Errorf("the caller is %s, %s, %s", *who.Account, *who.Arn, *who.UserId)
	}
}

// addRole adds a role to an account.
func (w *world) addRole(t testing.TB, account identity.AccountID, role identity.NewRole) {
	t.Helper()
	err := w.registry.Write(t.Context(), registry.AccountKey(account), "CreateRole", func(tx *registry.Tx) error {
		d, err := tx.Account(account)
		if err != nil {
			return err
		}
		_, err = d.CreateRole(role)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func trusting(principal, rest string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":%q},"Action":"sts:AssumeRole"%s}]}`, principal, rest)
}

// From a role's session one begins another session, of an hour at most.
func TestRoleChaining(t *testing.T) {
	g := newGarden(t)
	first := g.assume(t, g.management, g.member.Account, accessRole)
	g.addRole(t, g.admin.Account, identity.NewRole{Name: "Auditor", TrustPolicy: trusting(first.Role.ARN, ""), MaxSessionDuration: 7200})
	in := &sts.AssumeRoleInput{RoleArn: "arn:aws:iam::" + string(g.admin.Account) + ":role/Auditor", RoleSessionName: "chained", DurationSeconds: new(int32(3600))}
	g.do(t, first, in)
	in.DurationSeconds = new(int32(3601))
	if e := g.refuse(t, first, in); e.ErrorCode() != "ValidationError" || !strings.Contains(e.ErrorMessage(), "role chaining") {
		t.Errorf("a longer session: %v", e)
	}
	g.addRole(t, g.admin.Account, identity.NewRole{Name: "Shared", TrustPolicy: trusting(string(g.management.Account), `,"Condition":{"StringEquals":{"sts:ExternalId":"sesame"}}`), MaxSessionDuration: 7200})
	shared := &sts.AssumeRoleInput{RoleArn: "arn:aws:iam::" + string(g.admin.Account) + ":role/Shared", RoleSessionName: "long", ExternalId: new("sesame"), DurationSeconds: new(int32(7200))}
	g.do(t, g.management, shared)
	shared.DurationSeconds = new(int32(7201))
	if e := g.refuse(t, g.management, shared); e.ErrorCode() != "ValidationError" || !strings.Contains(e.ErrorMessage(), "MaxSessionDuration") {
		t.Errorf("a session longer than the role's: %v", e)
	}
}

// A caller who may not assume a role does not learn whether it exists.
func TestAssumeRoleRefusalsLookTheSame(t *testing.T) {
	g := newGarden(t)
	g.addRole(t, g.member.Account, identity.NewRole{Name: "Guarded", TrustPolicy: trusting(string(g.management.Account), `,"Condition":{"StringEquals":{"sts:ExternalId":"sesame"}}`)})
	role := func(account identity.AccountID, name string) string {
		return "arn:aws:iam::" + string(account) + ":role/" + name
	}
	for name, c := range map[string]struct {
		by  identity.Caller
		arn string
	}{
		"an account that is not trusted": {g.outsider, role(g.member.Account, accessRole)},
		"another member":                 {g.admin, role(g.member.Account, accessRole)},
		"no external id":                 {g.management, role(g.member.Account, "Guarded")},
		"no such role":                   {g.management, role(g.member.Account, "Nobody")},
		"another case":                   {g.management, role(g.member.Account, strings.ToLower(accessRole))},
		"another path":                   {g.management, "arn:aws:iam::" + string(g.member.Account) + ":role/path/" + accessRole},
		"no such account":                {g.management, role(unknownAccount, accessRole)},
		"a closed account":               {g.management, role(g.closed.Account, accessRole)},
		"another partition":              {g.management, "arn:aws-cn:iam::" + string(g.member.Account) + ":role/" + accessRole},
		"the role of a service":          {g.management, "arn:aws:iam::" + string(g.member.Account) + ":role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations"},
		"no account":                     {g.management, "arn:aws:iam::member:role/" + accessRole},
		"no ARN of a role":               {g.management, "arn:aws:s3:::a-bucket-with-a-name"},
		"no ARN":                         {g.management, "twenty characters at least"},
	} {
		t.Run(name, func(t *testing.T) {
			in := &sts.AssumeRoleInput{RoleArn: c.arn, RoleSessionName: "session"}
			e := g.refuse(t, c.by, in)
			if want := "User: " + c.by.ARN + " is not authorized to perform: sts:AssumeRole on resource: " + c.arn; e.ErrorCode() != "AccessDenied" || e.HTTPStatus() != 403 || e.ErrorMessage() != want {
				t.Errorf("refused with status %d, %v, want %s", e.HTTPStatus(), e, want)
			}
		})
	}
}

func TestGetSessionToken(t *testing.T) {
	g := newGarden(t)
	user := identity.Caller{Account: g.management.Account, Type: identity.IAMUser, ARN: "arn:aws:iam::" + string(g.management.Account) + ":user/ann", UserID: "AIDA"}
	for _, c := range []struct {
		by    identity.Caller
		asked *int32
		want  time.Duration
	}{
		{g.management, nil, time.Hour},
		{g.management, new(int32(129_600)), time.Hour}, // the root user gets an hour whatever it asks
		{g.management, new(int32(900)), 15 * time.Minute},
		{user, nil, 12 * time.Hour},
		{user, new(int32(129_600)), 36 * time.Hour},
	} {
		out := give[sts.GetSessionTokenOutput](t, g.world, c.by, &sts.GetSessionTokenInput{DurationSeconds: c.asked})
		session := g.sessions[out.Credentials.AccessKeyId]
		if lasts := out.Credentials.Expiration.Sub(session.Issued); lasts != c.want || session.ARN != c.by.ARN || session.UserID != c.by.UserID {
			t.Errorf("the session lasts %v, want %v: %+v", lasts, c.want, session)
		}
	}
	session := g.sessions[give[sts.GetSessionTokenOutput](t, g.world, g.management, &sts.GetSessionTokenInput{}).Credentials.AccessKeyId]
	for name, c := range map[string]struct {
		by   identity.Caller
		in   api.Input
		code string
	}{
		"a session":             {session.Caller(), &sts.GetSessionTokenInput{}, "AccessDenied"},
		"the session of a role": {g.assume(t, g.management, g.member.Account, accessRole), &sts.GetSessionTokenInput{}, "AccessDenied"},
		"a device":              {g.management, &sts.GetSessionTokenInput{SerialNumber: new("GAHT12345678"), TokenCode: new("123456")}, "AccessDenied"},
		"too short":             {g.management, &sts.GetSessionTokenInput{DurationSeconds: new(int32(899))}, "ValidationError"},
		"too long":              {g.management, &sts.GetSessionTokenInput{DurationSeconds: new(int32(129_601))}, "ValidationError"},
	} {
		if e := g.refuse(t, c.by, c.in); e.ErrorCode() != c.code {
			t.Errorf("%s: %v", name, e)
		}
	}
}

// A session that cannot be issued, or whose beginning cannot be recorded, does not
// begin.
func TestSessionsThatCannotBegin(t *testing.T) {
	g := newGarden(t)
	assume := &sts.AssumeRoleInput{RoleArn: "arn:aws:iam::" + string(g.member.Account) + ":role/" + accessRole, RoleSessionName: "session"}
	service := &ops.STS{
		Core:  ops.Core{Registry: g.registry, Clock: g.clock.Now, Decide: new(authz.Chains).Decide},
		Issue: func(identity.Session) (ops.Credentials, error) { return ops.Credentials{}, errors.New("no key") },
	}
	for _, in := range []api.Input{assume, &sts.GetSessionTokenInput{}} {
		caller, err := g.caller(t.Context(), g.management, in)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := sts.Operations[ops.Caller](service)[nameOf(in)].Invoke(t.Context(), caller, in); err == nil || ops.Exception(err) != nil || out != nil {
			t.Errorf("%s: %v, %v", nameOf(in), out, err)
		}
	}
	g.store.Close()
	for _, in := range []api.Input{assume, &sts.GetSessionTokenInput{}} {
		if e := g.refuse(t, g.management, in); e.HTTPStatus() != 500 {
			t.Errorf("%s: %v", nameOf(in), e)
		}
	}
}

func TestPartitions(t *testing.T) {
	for _, partition := range []string{"aws", "aws-cn", "aws-us-gov"} {
		t.Run(partition, func(t *testing.T) {
			w := newWorld(t)
			w.rules.Partition = partition
			by := w.organization(t, organizations.OrganizationFeatureSetAll)
			of := "arn:" + partition + ":organizations::" + string(by.Account) + ":"
			shown := give[organizations.DescribeOrganizationOutput](t, w, by, &organizations.DescribeOrganizationInput{}).Organization
			root := w.rootOf(t, by)
			unit := w.unit(t, by, *root.Id, "Unit")
			policy := give[organizations.DescribePolicyOutput](t, w, by, &organizations.DescribePolicyInput{PolicyId: w.policy(t, by, "TAG_POLICY", "Tags")}).Policy.PolicySummary
			managed := give[organizations.DescribePolicyOutput](t, w, by, &organizations.DescribePolicyInput{PolicyId: fullAWSAccess}).Policy.PolicySummary
			put := give[organizations.PutResourcePolicyOutput](t, w, by, &organizations.PutResourcePolicyInput{Content: delegation(unknownAccount)}).ResourcePolicy.ResourcePolicySummary
			for got, want := range map[string]string{
				*shown.Arn:              of + "organization/" + *shown.Id,
				*shown.MasterAccountArn: of + "account/" + *shown.Id + "/" + string(by.Account),
				*root.Arn:               of + "root/" + *shown.Id + "/" + *root.Id,
				*give[organizations.DescribeOrganizationalUnitOutput](t, w, by, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: unit}).OrganizationalUnit.Arn: of + "ou/" + *shown.Id + "/" + unit,
				*policy.Arn:  of + "policy/" + *shown.Id + "/tag_policy/" + *policy.Id,
				*managed.Arn: "arn:" + partition + ":organizations::aws:policy/service_control_policy/" + fullAWSAccess,
				*put.Arn:     of + "resourcepolicy/" + *shown.Id + "/" + *put.Id,
			} {
				if got != want {
					t.Errorf("the ARN is %s, want %s", got, want)
				}
			}
			if partition == "aws-us-gov" {
				return
			}
			member := w.member(t, by, "Member")
			session := w.assume(t, by, member.Account, accessRole)
			if want := "arn:" + partition + ":sts::" + string(member.Account) + ":assumed-role/" + accessRole + "/tester"; session.ARN != want {
				t.Errorf("the session is %s, want %s", session.ARN, want)
			}
			w.do(t, session, &organizations.DescribeOrganizationInput{})
		})
	}
}
