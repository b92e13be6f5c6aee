package e2e_test

import (
	"context"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	sdkorganizations "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
)

// configuration is what the AWS SDK for Go needs to reach a server as a principal.
func (s *server) configuration(as credentials) aws.Config {
	s.secrets.add(as.secretAccessKey, as.sessionToken)
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(s.endpoint()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: as.accessKeyID, SecretAccessKey: as.secretAccessKey, SessionToken: as.sessionToken}, nil
		}),
	}
}

// client returns an Organizations client that tries each request once, so that a test sees every answer.
func (s *server) client(as credentials, options ...func(*sdkorganizations.Options)) *sdkorganizations.Client {
	once := func(o *sdkorganizations.Options) { o.Retryer = aws.NopRetryer{} }
	return sdkorganizations.NewFromConfig(s.configuration(as), append([]func(*sdkorganizations.Options){once}, options...)...)
}

// patientClient returns an Organizations client that repeats throttled and conflicting requests, as tools do.
func (s *server) patientClient(as credentials) *sdkorganizations.Client {
	return sdkorganizations.NewFromConfig(s.configuration(as), func(o *sdkorganizations.Options) {
		o.Retryer = retry.AddWithErrorCodes(retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 20 }),
			"ConcurrentModificationException", "TooManyRequestsException", "FinalizingOrganizationException")
	})
}

// createAccount makes a member of an organization, waits until it is there and returns its id.
func createAccount(t *testing.T, client *sdkorganizations.Client, name string) string {
	t.Helper()
	status := call(t, client.CreateAccount, &sdkorganizations.CreateAccountInput{AccountName: &name, Email: aws.String(name + "@example.com")}).CreateAccountStatus
	eventually(t, "account "+name, func() bool {
		status = call(t, client.DescribeCreateAccountStatus, &sdkorganizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: status.Id}).CreateAccountStatus
		return status.State != types.CreateAccountStateInProgress
	})
	if status.State != types.CreateAccountStateSucceeded {
		t.Fatalf("creating %s: %s %s", name, status.State, status.FailureReason)
	}
	return *status.AccountId
}

// memberCredentials assumes the role that the management account has in an account that it created.
func (s *server) memberCredentials(t *testing.T, as credentials, account string) credentials {
	t.Helper()
	answer, err := sts.NewFromConfig(s.configuration(as)).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn:         aws.String("arn:aws:iam::" + account + ":role/OrganizationAccountAccessRole"),
		RoleSessionName: aws.String("e2e"),
	})
	if err != nil {
		t.Fatal(err)
	}
	session := answer.Credentials
	return credentials{*session.AccessKeyId, *session.SecretAccessKey, *session.SessionToken}
}

// record remembers which operations were answered with success.
type record struct {
	mu        sync.Mutex
	succeeded map[string]bool
}

// watch makes a client report to the record.
func (r *record) watch(o *sdkorganizations.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("record",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				out, metadata, err := next.HandleInitialize(ctx, in)
				if err == nil {
					r.mu.Lock()
					defer r.mu.Unlock()
					r.succeeded[awsmiddleware.GetOperationName(ctx)] = true
				}
				return out, metadata, err
			}), middleware.After)
	})
}
