package wire

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
)

func sampleAccount() organizations.Account {
	return organizations.Account{
		Id:              new("111122223333"),
		Arn:             new("arn:aws:organizations::000000000000:account/o-abcdefghij/111122223333"),
		Email:           new("someone@example.com"),
		Name:            new("Accounts <payable>"),
		Status:          new(organizations.AccountStatusActive),
		State:           new(organizations.AccountStateActive),
		Paths:           []string{"o-abcdefghij/r-ab12/ou-ab12-11111111/111122223333/"},
		JoinedMethod:    new(organizations.AccountJoinedMethodCreated),
		JoinedTimestamp: time.UnixMilli(1631121728678),
	}
}

func request(operation string) *Request {
	s := organizations.Service()
	return &Request{Protocol: api.JSON, Service: s, Operation: s.Operations[operation]}
}

func BenchmarkListAccountsPage(b *testing.B) {
	q, out, buffer := request("ListAccounts"), &organizations.ListAccountsOutput{}, []byte(nil)
	for range 20 {
		out.Accounts = append(out.Accounts, sampleAccount())
	}
	b.ReportAllocs()
	for b.Loop() {
		buffer = q.appendOutput(buffer[:0], "id", out)
	}
}

func BenchmarkDescribeOrganization(b *testing.B) {
	q, buffer := request("DescribeOrganization"), []byte(nil)
	out := &organizations.DescribeOrganizationOutput{Organization: &organizations.Organization{
		Id:                 new("o-abcdefghij"),
		Arn:                new("arn:aws:organizations::000000000000:organization/o-abcdefghij"),
		FeatureSet:         new(organizations.OrganizationFeatureSetAll),
		MasterAccountArn:   new("arn:aws:organizations::000000000000:account/o-abcdefghij/000000000000"),
		MasterAccountId:    new("000000000000"),
		MasterAccountEmail: new("root@example.com"),
		AvailablePolicyTypes: []organizations.PolicyTypeSummary{{
			Type: new(organizations.PolicyTypeServiceControlPolicy), Status: new(organizations.PolicyTypeStatusEnabled),
		}},
	}}
	b.ReportAllocs()
	for b.Loop() {
		buffer = q.appendOutput(buffer[:0], "id", out)
	}
}

func BenchmarkDecodeDescribeAccount(b *testing.B) {
	body := []byte(`{"AccountId":"111122223333"}`)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(""))
		r.Header.Set("Content-Type", jsonContentType)
		r.Header.Set("X-Amz-Target", "AWSOrganizationsV20161128.DescribeAccount")
		q, err := Route(r, "organizations", body)
		if err != nil {
			b.Fatal(err)
		}
		in, err := q.Decode()
		if err != nil || in.Validate() != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeAndValidate(b *testing.B) {
	q := request("DescribeAccount")
	q.body = []byte(`{"AccountId":"111122223333"}`)
	b.ReportAllocs()
	for b.Loop() {
		in, err := q.Decode()
		if err != nil || in.Validate() != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	in := &organizations.DescribeAccountInput{AccountId: "111122223333"}
	b.ReportAllocs()
	for b.Loop() {
		if in.Validate() != nil {
			b.Fatal("invalid")
		}
	}
}
