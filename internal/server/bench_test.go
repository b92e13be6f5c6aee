package server

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/espalier-cloud/espalier/internal/wire"
)

// discard is an answer that nobody reads.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

// silent throws the log of a fixture away.
func silent(_ *fixture, cfg *Config) { cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil)) }

func BenchmarkDescribeOrganization(b *testing.B) {
	f := newFixture(b, silent)
	f.call("CreateOrganization", `{}`)
	request := f.signed(jsonRequest("DescribeOrganization", `{}`), "organizations", f.root())
	b.ReportAllocs()
	for b.Loop() {
		request.Body = io.NopCloser(bytes.NewReader([]byte(`{}`)))
		f.ServeHTTP(&discard{http.Header{}}, request)
	}
}

// BenchmarkDescribeAccount is the whole call of which BenchmarkAuthorize is a step.
func BenchmarkDescribeAccount(b *testing.B) {
	m := &matrix{fixture: newFixture(b, silent)}
	deep, role := m.deepRole()
	body := []byte(`{"AccountId":"` + deep.AccountID + `"}`)
	for _, by := range []struct {
		name string
		as   aws.Credentials
	}{{"root of the management account", m.root()}, {"role under a long chain", role}} {
		b.Run(by.name, func(b *testing.B) {
			request := m.signed(jsonRequest("DescribeAccount", string(body)), "organizations", by.as)
			b.ReportAllocs()
			for b.Loop() {
				request.Body = io.NopCloser(bytes.NewReader(body))
				m.ServeHTTP(&discard{http.Header{}}, request)
			}
		})
	}
}

// BenchmarkAuthorize is what a call pays for being authorized: the one step of its way, done again and again for the
// same DescribeAccount. The role is one with ten policies in a delegated administrator's account, five levels deep,
// under a chain of a hundred statements.
func BenchmarkAuthorize(b *testing.B) {
	m := &matrix{fixture: newFixture(b, silent)}
	deep, role := m.deepRole()
	body := `{"AccountId":"` + deep.AccountID + `"}`
	for _, by := range []struct {
		name string
		as   aws.Credentials
	}{{"root of the management account", m.root()}, {"role under a long chain", role}} {
		b.Run(by.name, func(b *testing.B) {
			c := m.prepared("DescribeAccount", body, by.as)
			b.ReportAllocs()
			for b.Loop() {
				if err := c.authorize(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// prepared is a call before it is authorized.
func (m *matrix) prepared(operation, body string, as aws.Credentials) *call {
	m.t.Helper()
	c := &call{server: m.Server, request: m.signed(jsonRequest(operation, body), "organizations", as), id: m.newID(), start: m.Clock(), routed: new(wire.Request)}
	ctx := m.t.Context()
	for _, step := range []func() error{
		func() error { return c.read(ctx) }, func() error { return c.route(ctx) }, func() error { return c.authenticate(ctx) },
		func() error { return c.resolve(ctx) }, func() error { return c.decode(ctx) },
	} {
		if err := step(); err != nil {
			m.t.Fatal(err)
		}
	}
	return c
}

// deepRole makes an organization, a delegated administrator five levels deep in it under service control policies with
// a hundred statements, and a session of a role with ten policies there.
func (m *matrix) deepRole() (AccountKey, aws.Credentials) {
	m.t.Helper()
	root := m.root()
	m.mustJSON(root, "CreateOrganization", `{}`)
	top := id(m.mustJSON(root, "ListRoots", `{}`))
	m.mustJSON(root, "EnablePolicyType", `{"RootId":"`+top+`","PolicyType":"SERVICE_CONTROL_POLICY"}`)
	deep := m.member(root, "deep")
	m.mustJSON(root, "EnableAWSServiceAccess", `{"ServicePrincipal":"config.amazonaws.com"}`)
	m.mustJSON(root, "RegisterDelegatedAdministrator", `{"AccountId":"`+deep.AccountID+`","ServicePrincipal":"config.amazonaws.com"}`)
	parent := top
	for level := range 5 {
		var statements []string
		for n := range 20 {
			statements = append(statements, fmt.Sprintf(`{"Effect":"Deny","Action":["service%d%d:Delete*","organizations:Delete%d*"],"Resource":"*"}`, level, n, n))
		}
		scp := id(m.mustJSON(root, "CreatePolicy", fmt.Sprintf(`{"Type":"SERVICE_CONTROL_POLICY","Name":"level%d","Description":"","Content":%s}`,
			level, quoted(`{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`))))
		m.mustJSON(root, "AttachPolicy", `{"PolicyId":"`+scp+`","TargetId":"`+parent+`"}`)
		if level < 4 {
			parent = id(m.mustJSON(root, "CreateOrganizationalUnit", fmt.Sprintf(`{"ParentId":"%s","Name":"level%d"}`, parent, level)))
		}
	}
	m.mustJSON(root, "MoveAccount", `{"AccountId":"`+deep.AccountID+`","SourceParentId":"`+top+`","DestinationParentId":"`+parent+`"}`)
	user := m.user(deep, "administrator", true)
	session := m.session(deep, user)
	for n := range 9 {
		document := url.QueryEscape(fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["service%d:Get*","organizations:List*"],"Resource":"*"}}`, n))
		m.mustForm(user, "iam", fmt.Sprintf("Action=PutRolePolicy&Version=2010-05-08&RoleName=Gardener&PolicyName=p%d&PolicyDocument=%s", n, document))
	}
	return deep, session
}
