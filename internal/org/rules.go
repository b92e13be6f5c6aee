package org

import "time"

// Rules are what the operator of a server decides about its organizations:
// quotas, periods, and the services that an organization may trust.
type Rules struct {
	Partition string // aws, aws-cn or aws-us-gov
	Services  *Catalogue

	Accounts               int // members, closed ones, the management account and open invitations included
	OUs                    int
	OUDepth                int // levels below the root
	Tags                   int // per resource
	Policies               map[PolicyType]PolicyLimits
	ConcurrentCreations    int
	CreationsPerDay        int                      // 0 for any number
	CreationFailures       map[string]FailureReason // of accounts whose e-mail addresses, in lower case, match a pattern
	ConcurrentClosures     int
	ClosuresPerMonth       func(members int) int // in thirty days
	WaitPeriod             time.Duration         // how old a created account must be to leave
	ClosedRetention        time.Duration         // how long a closed account stays listed
	InboundTransfers       int                   // responsibility transfers at once, open invitations included
	TransferLevels         int                   // of a chain of responsibility transfers
	ChainedTransfers       int                   // responsibility transfers that one organization manages, inherited ones included
	MigrationAccounts      int                   // with how many accounts an organization can still migrate to all features
	MembershipPeriod       time.Duration         // how long an account that moved cannot join another organization
	NoInvitesInMigration   bool                  // refuse invitations meanwhile, as AWS did until 2021
	ResourcePolicyMaxChars int
	DelayPolicyTypes       bool          // policy types stay pending until a job finishes them, as they do at AWS
	FinalizingPeriod       time.Duration // how long after its creation an organization accepts no accounts
}

// PolicyLimits are the quotas of one policy type.
type PolicyLimits struct {
	Characters  int // of a document, white space included
	Attachments int // to one root, unit or account
	Policies    int // in the organization
}

// AWSRules returns the quotas that AWS documents today, but 50,000 accounts:
// https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/orgs_transfer_billing-quotas.html and
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html.
func AWSRules() *Rules {
	management := PolicyLimits{Characters: 10_000, Attachments: 10, Policies: 1_000}
	limits := map[PolicyType]PolicyLimits{
		ServiceControlPolicy:  {Characters: 10_240, Attachments: 10, Policies: 10_000},
		ResourceControlPolicy: {Characters: 5_120, Attachments: 5, Policies: 2_000},
		AIServicesOptOut:      {Characters: 2_500, Attachments: 5, Policies: 1_000},
		Chatbot:               {Characters: 10_000, Attachments: 5, Policies: 1_000},
		UpgradeRollout:        {Characters: 5_120, Attachments: 10, Policies: 1_000},
	}
	for _, t := range PolicyTypes() {
		if _, special := limits[t]; !special {
			limits[t] = management
		}
	}
	return &Rules{
		Partition: "aws", Services: AWSServices(),
		Accounts: 50_000, OUs: 2_000, OUDepth: 5, Tags: 50, Policies: limits,
		ConcurrentCreations: 5, ConcurrentClosures: 3,
		ClosuresPerMonth: func(members int) int { return min(max(250, members/5), 1_000) },
		WaitPeriod:       4 * 24 * time.Hour, ClosedRetention: 90 * 24 * time.Hour,
		TransferLevels: 1, ChainedTransfers: 1_000,
		MigrationAccounts: 5_000, ResourcePolicyMaxChars: 40_000,
	}
}
