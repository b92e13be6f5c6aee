package org

import (
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// CreationState is the state of a request to create an account.
type CreationState string

// The creation states of the model.
const (
	CreationInProgress CreationState = "IN_PROGRESS"
	CreationSucceeded  CreationState = "SUCCEEDED"
	CreationFailed     CreationState = "FAILED"
)

// FailureReason says why an account could not be created, as the model spells
// it.
type FailureReason string

// The failure reasons that rules and claims lead to. The model has more.
const (
	AccountLimitExceeded          FailureReason = "ACCOUNT_LIMIT_EXCEEDED"
	EmailAlreadyExists            FailureReason = "EMAIL_ALREADY_EXISTS"
	GovCloudAccountAlreadyExists  FailureReason = "GOVCLOUD_ACCOUNT_ALREADY_EXISTS"
	InternalFailure               FailureReason = "INTERNAL_FAILURE"
	InvalidEmail                  FailureReason = "INVALID_EMAIL"
	InvalidAddress                FailureReason = "INVALID_ADDRESS"
	ConcurrentAccountModification FailureReason = "CONCURRENT_ACCOUNT_MODIFICATION"
	MissingPaymentInstrument      FailureReason = "MISSING_PAYMENT_INSTRUMENT"
	InvalidPaymentInstrument      FailureReason = "INVALID_PAYMENT_INSTRUMENT"
	MissingBusinessValidation     FailureReason = "MISSING_BUSINESS_VALIDATION"
)

// DefaultRoleName is the name of the role that the management account uses in
// a created account, when CreateAccount does not name another one.
const DefaultRoleName = "OrganizationAccountAccessRole"

// reservedRolePrefix begins the names of service-linked roles, in lower case.
const reservedRolePrefix = "awsservicerolefor"

// Creation is a request to create an account.
type Creation struct {
	ID            CreationID    `json:"id"`
	State         CreationState `json:"state"`
	AccountName   string        `json:"accountName"`
	Email         string        `json:"email"`
	RoleName      string        `json:"roleName"`
	Requested     time.Time     `json:"requested"`
	Completed     time.Time     `json:"completed,omitzero"`
	Account       AccountID     `json:"account,omitempty"`
	Pair          bool          `json:"pair,omitempty"`     // an account in AWS GovCloud (US) is asked for, too
	GovCloud      AccountID     `json:"govCloud,omitempty"` // that account
	FailureReason FailureReason `json:"failureReason,omitempty"`
	Tags          Tags          `json:"tags,omitempty"` // given to the account when it is made
}

func (c *Creation) kind() string { return kindCreation }
func (c *Creation) id() string   { return string(c.ID) }

func (c *Creation) put(o *Organization) {
	o.creations.Set(string(c.ID), c)
	o.creationsByState.Set(key(string(c.State), at(c.Requested), string(c.ID)), c)
}

func (c *Creation) remove(o *Organization) {
	o.creations.Delete(string(c.ID))
	o.creationsByState.Delete(key(string(c.State), at(c.Requested), string(c.ID)))
}

// requireAccountVending refuses what AWS GovCloud (US) does not offer: accounts
// are created and closed through a commercial account there.
func (o *Organization) requireAccountVending() error {
	if o.settings.Partition == PartitionGovCloud {
		return refuse(UnsupportedAPIEndpoint)
	}
	return nil
}

// Creation returns a request to create an account. It returns
// CreateAccountStatusNotFound and UnsupportedAPIEndpoint.
func (o *Organization) Creation(id CreationID) (*Creation, error) {
	if err := o.requireAccountVending(); err != nil {
		return nil, err
	}
	creation, ok := o.creations.Get(string(id))
	if !ok {
		return nil, refuse(CreateAccountStatusNotFound)
	}
	return creation, nil
}

// Creations lists the requests to create an account that are in one of the
// states, or all when there are none, in the order in which they were made, from
// behind the cursor. It returns UnsupportedAPIEndpoint.
func (o *Organization) Creations(states []CreationState, after Cursor) (iter.Seq2[Cursor, *Creation], error) {
	if err := o.requireAccountVending(); err != nil {
		return nil, err
	}
	if len(states) == 0 {
		states = []CreationState{CreationInProgress, CreationSucceeded, CreationFailed}
	}
	var prefixes []string
	for _, state := range states {
		prefixes = append(prefixes, key(string(state), ""))
	}
	slices.Sort(prefixes)
	return walkAll(o.creationsByState, slices.Compact(prefixes), after), nil
}

// NewAccount is what CreateAccount is asked for.
type NewAccount struct {
	Email    string
	Name     string
	RoleName string // empty for DefaultRoleName
	Tags     Tags
	Lacks    Lacks // what the management account lacks
	// Pair asks for an account in AWS GovCloud (US), too, as CreateGovCloudAccount does; Manager is
	// the pair of the management account there, empty for none.
	Pair    bool
	Manager AccountID
}

// govCloudName is what AWS allows in the names of accounts with a pair.
var govCloudName = regexp.MustCompile(`^[A-Za-z0-9.-]+$`)

// CreateAccount begins to create an account: FinishCreation or FailCreation
// ends it. It returns UnsupportedAPIEndpoint, InvalidInput INVALID_PATTERN:EMAIL
// and INVALID_ROLE_NAME and those for the tags, FinalizingOrganization,
// TooManyRequests, and ConstraintViolation ACCOUNT_NUMBER_LIMIT_EXCEEDED,
// ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED, MAX_TAG_LIMIT_EXCEEDED,
// MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED, MASTER_ACCOUNT_MISSING_CONTACT_INFO
// and MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE; for a pair also
// InvalidInput INVALID_PATTERN:ACCOUNT_NAME and ConstraintViolation
// MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED. That the e-mail belongs to another account is found
// out later, as in AWS.
func (d *Draft) CreateAccount(in NewAccount) (*Creation, error) {
	if err := d.requireAccountVending(); err != nil {
		return nil, err
	}
	if !validEmail(in.Email) {
		return nil, invalidParameter("INVALID_PATTERN", "EMAIL")
	}
	// The names of roles are unique without regard to case.
	if strings.HasPrefix(strings.ToLower(in.RoleName), reservedRolePrefix) {
		return nil, invalid("INVALID_ROLE_NAME")
	}
	if in.Pair && !govCloudName.MatchString(in.Name) {
		return nil, invalidParameter("INVALID_PATTERN", "ACCOUNT_NAME")
	}
	tags, err := d.newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if in.Pair && in.Manager == "" {
		return nil, violate("MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED")
	}
	if err := d.mayCreate(in.Lacks); err != nil {
		return nil, err
	}
	creation := &Creation{
		ID: CreationID("car-" + random(d.rand, hexDigits, 32)), State: CreationInProgress,
		AccountName: in.Name, Email: in.Email, RoleName: in.RoleName, Requested: d.now, Tags: tags, Pair: in.Pair,
	}
	if creation.RoleName == "" {
		creation.RoleName = DefaultRoleName
	}
	d.put(creation)
	return creation, nil
}

// mayCreate refuses more accounts than there may be, and those of a management
// account that lacks something.
func (d *Draft) mayCreate(lacks Lacks) error {
	reason := lacks.forManaging()
	switch {
	case d.now.Before(d.settings.FinalizingUntil):
		return refuse(FinalizingOrganization)
	case reason != "":
		return violate(reason)
	case lacks.has(MarketplaceAddress):
		return violate("MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE")
	case count(d.creationsByState, key(string(CreationInProgress), ""), "") >= d.rules.ConcurrentCreations:
		return tooMany(RequestInProgress)
	case d.slots(d.now) >= d.rules.Accounts:
		return violate("ACCOUNT_NUMBER_LIMIT_EXCEEDED")
	case d.rules.CreationsPerDay > 0 && d.createdLately() >= d.rules.CreationsPerDay:
		return violate("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED")
	}
	return nil
}

// createdLately counts the requests of the last day.
func (d *Draft) createdLately() int {
	n, since := 0, Cursor(at(d.now.Add(-24*time.Hour)))
	for _, state := range []CreationState{CreationInProgress, CreationSucceeded, CreationFailed} {
		n += count(d.creationsByState, key(string(state), ""), since)
	}
	return n
}

// CreationFailure returns why the account that was asked for cannot be made, or
// "": because the operator wants it so, because of what the management account
// lacks now, or because the quota is smaller than it was.
func (d *Draft) CreationFailure(creation *Creation, lacks Lacks) FailureReason {
	for _, pattern := range slices.Sorted(maps.Keys(d.rules.CreationFailures)) {
		if matches(pattern, strings.ToLower(creation.Email)) {
			return d.rules.CreationFailures[pattern]
		}
	}
	if reason := lacks.forCreating(); reason != "" {
		return reason
	}
	if d.accounts.Len() >= d.rules.Accounts {
		return AccountLimitExceeded
	}
	return ""
}

// FinishCreation adds the account that was asked for to the root, and keeps the id of
// its pair in AWS GovCloud (US), empty for none, which joins no organization. It returns
// CreateAccountStatusNotFound, Conflict when the request is not in progress any
// more, and DuplicateAccount when the organization has an account of that id.
func (d *Draft) FinishCreation(id CreationID, account, govCloud AccountID) (*Account, error) {
	creation, err := d.inProgress(id)
	if err != nil {
		return nil, err
	}
	if _, taken := d.accounts.Get(string(account)); taken {
		return nil, refuse(DuplicateAccount)
	}
	created := &Account{
		ID: account, Parent: ParentID(d.root.ID), Name: creation.AccountName, Email: creation.Email,
		State: Active, JoinedMethod: Created, Joined: d.now, Tags: creation.Tags,
	}
	d.put(created)
	done := *creation
	done.State, done.Completed, done.Account, done.GovCloud = CreationSucceeded, d.now, account, govCloud
	d.put(&done)
	return created, nil
}

// FailCreation gives a request to create an account up. It returns
// CreateAccountStatusNotFound, and Conflict when the request is not in progress
// any more.
func (d *Draft) FailCreation(id CreationID, reason FailureReason) error {
	creation, err := d.inProgress(id)
	if err != nil {
		return err
	}
	failed := *creation
	failed.State, failed.Completed, failed.FailureReason = CreationFailed, d.now, reason
	d.put(&failed)
	return nil
}

// inProgress returns a request that was not ended yet.
func (d *Draft) inProgress(id CreationID) (*Creation, error) {
	creation, err := d.Creation(id)
	if err == nil && creation.State != CreationInProgress {
		return nil, refuse(Conflict)
	}
	return creation, err
}
