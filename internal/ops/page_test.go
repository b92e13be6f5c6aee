package ops_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
)

// list is a list operation: its input, and where the elements of its output are.
type list struct {
	in      api.Input
	element string // the member of an element that tells it apart
}

// lists returns every list operation of the garden, with the filters that select
// the most.
func (g *garden) lists() []list {
	return []list{
		{&organizations.ListAWSServiceAccessForOrganizationInput{}, "ServicePrincipal"},
		{&organizations.ListAccountsInput{}, "Id"},
		{&organizations.ListAccountsForParentInput{ParentId: g.root}, "Id"},
		{&organizations.ListChildrenInput{ParentId: g.root, ChildType: organizations.ChildTypeAccount}, "Id"},
		{&organizations.ListCreateAccountStatusInput{}, "Id"},
		{&organizations.ListDelegatedAdministratorsInput{}, "Id"},
		{&organizations.ListDelegatedServicesForAccountInput{AccountId: string(g.admin.Account)}, "ServicePrincipal"},
		{&organizations.ListHandshakesForOrganizationInput{}, "Id"},
		{&organizations.ListInboundResponsibilityTransfersInput{Type: "BILLING"}, "Id"},
		{&organizations.ListOrganizationalUnitsForParentInput{ParentId: g.root}, "Id"},
		{&organizations.ListParentsInput{ChildId: g.units[4]}, "Id"},
		{&organizations.ListPoliciesInput{Filter: organizations.PolicyTypeServiceControlPolicy}, "Id"},
		{&organizations.ListPoliciesForTargetInput{Filter: organizations.PolicyTypeServiceControlPolicy, TargetId: string(g.member.Account)}, "Id"},
		{&organizations.ListRootsInput{}, "Id"},
		{&organizations.ListTagsForResourceInput{ResourceId: g.resourcePolicy}, "Key"},
		{&organizations.ListTargetsForPolicyInput{PolicyId: fullAWSAccess}, "TargetId"},
	}
}

// page asks the list for a page of a size, which nil leaves to the operation, from
// where a token says. An operation without MaxResults ignores the size.
func (l list) page(size *int32, token *string) {
	in := reflect.ValueOf(l.in).Elem()
	if sized := in.FieldByName("MaxResults"); sized.IsValid() {
		sized.Set(reflect.ValueOf(size))
	}
	in.FieldByName("NextToken").Set(reflect.ValueOf(token))
}

// read returns what tells the elements of a page apart, and the token of the next
// page.
func (l list) read(out any) (names []string, next *string) {
	v := reflect.ValueOf(out).Elem()
	for i := range v.NumField() {
		if v.Field(i).Kind() != reflect.Slice {
			continue
		}
		for j := range v.Field(i).Len() {
			names = append(names, fmt.Sprint(reflect.Indirect(v.Field(i).Index(j).FieldByName(l.element))))
		}
	}
	return names, v.FieldByName("NextToken").Interface().(*string)
}

// walk reads a list page by page, calling between before each page but the first.
func (w *world) walk(t testing.TB, by identity.Caller, l list, size *int32, between func()) (pages [][]string) {
	t.Helper()
	var token *string
	for {
		l.page(size, token)
		out, err := w.call(t.Context(), by, l.in)
		if err != nil {
			t.Fatalf("%s: %v", nameOf(l.in), err)
		}
		var names []string
		names, token = l.read(out)
		pages = append(pages, names)
		if token == nil {
			return pages
		}
		between()
	}
}

// bigGarden returns a garden in which every list but those of one element has
// more than a page of twenty.
func bigGarden(t testing.TB) *garden {
	t.Helper()
	g := newGarden(t)
	g.rules.ConcurrentCreations = 100
	policies := g.rules.Policies["SERVICE_CONTROL_POLICY"]
	policies.Attachments = 100
	g.rules.Policies["SERVICE_CONTROL_POLICY"] = policies
	g.rules.InboundTransfers = 100
	for i := range 20 {
		g.offer(t, g.management, g.organization(t, organizations.OrganizationFeatureSetAll))
		service := fmt.Sprintf("service-%02d.example.com", i)
		g.rules.Services = g.rules.Services.With(org.Service{Principal: org.ServicePrincipal(service), DelegatedAdmins: 2})
		g.enableService(t, service)
		g.unit(t, g.management, g.root, fmt.Sprintf("Unit %d", i))
		account := g.world.member(t, g.management, fmt.Sprintf("Member %d", i))
		g.invite(t, g.management, organizations.HandshakePartyTypeEmail, fmt.Sprintf("guest%d@example.com", i))
		g.do(t, g.management, &organizations.RegisterDelegatedAdministratorInput{AccountId: string(account.Account), ServicePrincipal: service})
		g.do(t, g.management, &organizations.RegisterDelegatedAdministratorInput{AccountId: string(g.admin.Account), ServicePrincipal: service})
		id := g.policy(t, g.management, organizations.PolicyTypeServiceControlPolicy, fmt.Sprintf("Policy %d", i))
		g.do(t, g.management, &organizations.AttachPolicyInput{PolicyId: id, TargetId: string(g.member.Account)})
		g.do(t, g.management, &organizations.TagResourceInput{ResourceId: g.resourcePolicy, Tags: tagged(fmt.Sprintf("key %02d", i), "")})
	}
	return g
}

func TestPages(t *testing.T) {
	g := bigGarden(t)
	nothing := func() {}
	for _, l := range g.lists() {
		t.Run(nameOf(l.in), func(t *testing.T) {
			all := slices.Concat(g.walk(t, g.management, l, nil, nothing)...)
			if single := slices.Contains([]string{"ListRoots", "ListParents"}, nameOf(l.in)); single != (len(all) == 1) || !single && len(all) <= 20 {
				t.Fatalf("there are %d elements", len(all))
			}
			if sorted := slices.Sorted(slices.Values(all)); len(slices.Compact(sorted)) != len(all) {
				t.Errorf("an element is listed twice: %q", all)
			}
			for _, size := range []*int32{nil, new(int32(1)), new(int32(5)), new(int32(20))} {
				limit := 20
				if nameOf(l.in) == "ListTagsForResource" {
					limit = 50
				} else if size != nil {
					limit = int(*size)
				}
				pages := g.walk(t, g.management, l, size, nothing)
				if again := slices.Concat(pages...); !slices.Equal(again, all) {
					t.Errorf("by pages of %d: %q, want %q", limit, again, all)
				}
				for i, page := range pages {
					if i < len(pages)-1 && len(page) != limit || len(page) == 0 || len(page) > limit {
						t.Errorf("page %d of %d has %d elements, want %d", i+1, len(pages), len(page), limit)
					}
				}
			}
		})
	}
}

// A list that is walked while things come and go shows each thing once that was
// there all the time.
func TestPagesAreStable(t *testing.T) {
	g := newGarden(t)
	units := list{&organizations.ListOrganizationalUnitsForParentInput{ParentId: g.units[0]}, "Id"}
	var stay, gone []string
	for i := range 12 {
		id := g.unit(t, g.management, g.units[0], fmt.Sprintf("Unit %d", i))
		if i%2 == 0 {
			stay = append(stay, id)
		} else {
			gone = append(gone, id)
		}
	}
	n := 0
	pages := g.walk(t, g.management, units, new(int32(2)), func() {
		if len(gone) > 0 {
			g.do(t, g.management, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: gone[0]})
			gone = gone[1:]
		}
		if n++; n < 4 {
			g.unit(t, g.management, g.units[0], fmt.Sprintf("Late %d", n))
		}
	})
	seen := slices.Concat(pages...)
	for _, id := range stay {
		if slices.Index(seen, id) < 0 {
			t.Errorf("%s, which stayed, was not listed", id)
		}
	}
	if sorted := slices.Sorted(slices.Values(seen)); len(slices.Compact(sorted)) != len(seen) {
		t.Errorf("an element was listed twice: %q", seen)
	}
}

func TestNextTokenIsBoundToItsList(t *testing.T) {
	g := newGarden(t)
	one := new(int32(1))
	token := *give[organizations.ListAccountsOutput](t, g.world, g.management, &organizations.ListAccountsInput{MaxResults: one}).NextToken
	forParent := *give[organizations.ListAccountsForParentOutput](t, g.world, g.management, &organizations.ListAccountsForParentInput{ParentId: g.root, MaxResults: one}).NextToken
	states := *give[organizations.ListCreateAccountStatusOutput](t, g.world, g.management,
		&organizations.ListCreateAccountStatusInput{States: []organizations.CreateAccountState{"SUCCEEDED"}, MaxResults: one}).NextToken
	stranger := g.organization(t, organizations.OrganizationFeatureSetAll)
	for name, c := range map[string]struct {
		by identity.Caller
		in api.Input
	}{
		"another operation":    {g.management, &organizations.ListRootsInput{NextToken: &token}},
		"another organization": {stranger, &organizations.ListAccountsInput{NextToken: &token}},
		"another filter":       {g.management, &organizations.ListAccountsForParentInput{ParentId: g.empty, NextToken: &forParent}},
		"no filter":            {g.management, &organizations.ListCreateAccountStatusInput{NextToken: &states}},
		"a byte more":          {g.management, &organizations.ListAccountsInput{NextToken: new(token + "AA")}},
		"a byte less":          {g.management, &organizations.ListAccountsInput{NextToken: new(token[:len(token)-2])}},
		"another first byte":   {g.management, &organizations.ListAccountsInput{NextToken: new(flipped(token))}},
		"no base64":            {g.management, &organizations.ListAccountsInput{NextToken: new("%" + token)}},
		"too short":            {g.management, &organizations.ListAccountsInput{NextToken: new("AAAA")}},
	} {
		t.Run(name, func(t *testing.T) {
			if e := g.refuse(t, c.by, c.in); e.ErrorCode() != "InvalidInputException" || reasonOf(e) != "INVALID_NEXT_TOKEN" {
				t.Errorf("refused with %v %s", e, reasonOf(e))
			}
		})
	}
	t.Run("another page size", func(t *testing.T) {
		g.do(t, g.management, &organizations.ListAccountsInput{NextToken: &token, MaxResults: new(int32(7))})
	})
	t.Run("another caller of the organization", func(t *testing.T) {
		g.do(t, g.admin, &organizations.ListAccountsInput{NextToken: &token})
	})
	t.Run("after a restart", func(t *testing.T) {
		g.boot()
		g.do(t, g.management, &organizations.ListAccountsInput{NextToken: &token})
	})
	t.Run("after a day", func(t *testing.T) {
		g.clock.advance(24*time.Hour - time.Second)
		g.do(t, g.management, &organizations.ListAccountsInput{NextToken: &token})
		g.clock.advance(2 * time.Second)
		if e := g.refuse(t, g.management, &organizations.ListAccountsInput{NextToken: &token}); reasonOf(e) != "INVALID_NEXT_TOKEN" {
			t.Errorf("refused with %v", e)
		}
	})
}

// flipped returns a token whose first character is another one.
func flipped(token string) string {
	first := "A"
	if strings.HasPrefix(token, first) {
		first = "B"
	}
	return first + token[1:]
}

// TestNextTokenIsNoFlag: the AWS CLI takes a value that begins with a dash for a
// flag, which one token in 64 did.
func TestNextTokenIsNoFlag(t *testing.T) {
	g := newGarden(t)
	for range 500 {
		g.clock.advance(time.Second) // makes another token for the same page
		page := give[organizations.ListAccountsOutput](t, g.world, g.management, &organizations.ListAccountsInput{MaxResults: new(int32(1))})
		if strings.HasPrefix(*page.NextToken, "-") {
			t.Fatalf("the token is %s", *page.NextToken)
		}
	}
}

func FuzzNextToken(f *testing.F) {
	g := newGarden(f)
	page := give[organizations.ListAccountsOutput](f, g.world, g.management, &organizations.ListAccountsInput{MaxResults: new(int32(1))})
	f.Add(*page.NextToken)
	f.Add("")
	f.Add("AAAA\x00")
	f.Add(strings.Repeat("A", 60))
	given, _ := base64.StdEncoding.DecodeString(*page.NextToken)
	f.Fuzz(func(t *testing.T, token string) {
		_, err := g.call(t.Context(), g.management, &organizations.ListAccountsInput{NextToken: &token})
		// Some texts stand for the same bytes, because base64 ignores line breaks and the last bits.
		decoded, _ := base64.StdEncoding.DecodeString(token)
		if good := bytes.Equal(decoded, given); good != (err == nil) {
			t.Errorf("the token %q is answered with %v", token, err)
		}
		if err != nil && exception(&organizations.ListAccountsInput{}, err).ErrorCode() != "InvalidInputException" {
			t.Errorf("the token %q is answered with %v", token, err)
		}
	})
}
