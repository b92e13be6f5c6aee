package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdkorganizations "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	sdksts "github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
)

// endpoint serves the answers of a function to decoded and validated inputs, and returns what a
// client of the AWS SDK needs to call it.
func endpoint(t *testing.T, answer func(in api.Input) (any, api.Error)) aws.Config {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "us-east-1/")
		scope, _, _ = strings.Cut(scope, "/")
		q, err := Route(r, scope, body)
		if err != nil {
			t.Error(err)
			return
		}
		in, err := q.Decode()
		if err != nil {
			t.Error(err)
			return
		}
		if e := Invalid(q.Service, q.Operation.Name, in.Validate()); e != nil {
			q.WriteError(w, "request-id", e)
			return
		}
		out, e := answer(in)
		if e != nil {
			q.WriteError(w, "request-id", e)
			return
		}
		q.WriteOutput(w, "request-id", out)
	}))
	t.Cleanup(server.Close)
	return aws.Config{
		BaseEndpoint:     new(server.URL),
		Region:           "us-east-1",
		Credentials:      credentials.NewStaticCredentialsProvider("AKIAAAAAAAAAAAAAAAAA", "secret", ""),
		RetryMaxAttempts: 1,
	}
}

func TestSDKOfOrganizations(t *testing.T) {
	joined := time.Date(2021, 9, 8, 17, 22, 8, 678e6, time.UTC)
	config := endpoint(t, func(in api.Input) (any, api.Error) {
		switch in := in.(type) {
		case *organizations.ListAccountsInput:
			return &organizations.ListAccountsOutput{
				Accounts:  []organizations.Account{{Name: new("<é>"), State: new(organizations.AccountStateActive), JoinedTimestamp: joined}},
				NextToken: in.NextToken,
			}, nil
		case *organizations.AttachPolicyInput:
			return &organizations.AttachPolicyOutput{}, nil
		}
		return nil, Error{"UnrecognizedClientException", "Unknown key.", 400}
	})
	client := sdkorganizations.NewFromConfig(config)

	page, err := client.ListAccounts(context.Background(), &sdkorganizations.ListAccountsInput{MaxResults: new(int32(5)), NextToken: new("next")})
	if err != nil {
		t.Fatal(err)
	}
	if a := page.Accounts[0]; *a.Name != "<é>" || a.State != types.AccountStateActive || !a.JoinedTimestamp.Equal(joined) || a.Id != nil || *page.NextToken != "next" {
		t.Errorf("got %+v", a)
	}
	if _, err := client.AttachPolicy(context.Background(), &sdkorganizations.AttachPolicyInput{PolicyId: new("p-abcdefgh"), TargetId: new("r-ab12")}); err != nil {
		t.Error(err)
	}

	_, err = client.ListAccounts(context.Background(), &sdkorganizations.ListAccountsInput{MaxResults: new(int32(21))})
	var invalid *types.InvalidInputException
	if !errors.As(err, &invalid) || invalid.Reason != "MAX_VALUE_EXCEEDED:MAX_RESULTS" || invalid.ErrorMessage() == "" {
		t.Errorf("got %v", err)
	}
	_, err = client.ListRoots(context.Background(), &sdkorganizations.ListRootsInput{})
	var refused smithy.APIError
	if !errors.As(err, &refused) || refused.ErrorCode() != "UnrecognizedClientException" || refused.ErrorMessage() != "Unknown key." {
		t.Errorf("got %v", err)
	}
}

func TestSDKOfSTS(t *testing.T) {
	expiry := time.Date(2021, 9, 8, 17, 22, 8, 0, time.UTC)
	config := endpoint(t, func(in api.Input) (any, api.Error) {
		if in, ok := in.(*sts.AssumeRoleInput); ok && in.Tags[0].Key == "team + co" {
			return &sts.AssumeRoleOutput{Credentials: &sts.Credentials{AccessKeyId: "ASIAAAAAAAAAAAAAAAAA", SessionToken: new("<token>"), Expiration: expiry}}, nil
		}
		return nil, &sts.RegionDisabledException{Message: "Not <here>."}
	})
	client := sdksts.NewFromConfig(config)

	session, err := client.AssumeRole(context.Background(), assumeRole("team + co"))
	if err != nil {
		t.Fatal(err)
	}
	if c := session.Credentials; *c.AccessKeyId != "ASIAAAAAAAAAAAAAAAAA" || *c.SessionToken != "<token>" || !c.Expiration.Equal(expiry) {
		t.Errorf("got %+v", c)
	}
	for tag, want := range map[string]string{"other": "RegionDisabledException: Not <here>.", "?": "ValidationError: 1 validation error detected"} {
		_, err = client.AssumeRole(context.Background(), assumeRole(tag))
		var refused smithy.APIError
		if !errors.As(err, &refused) || !strings.HasPrefix(refused.ErrorCode()+": "+refused.ErrorMessage(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func assumeRole(tag string) *sdksts.AssumeRoleInput {
	return &sdksts.AssumeRoleInput{
		RoleArn:         new("arn:aws:iam::111122223333:role/r"),
		RoleSessionName: new("session"),
		Tags:            []ststypes.Tag{{Key: &tag, Value: new("v")}},
	}
}
