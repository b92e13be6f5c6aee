package identity

import (
	"io"
	"regexp"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/tidwall/btree"
)

// State tells whether an account can be used.
type State string

// The states of an account.
const (
	PendingActivation State = "PENDING_ACTIVATION" // its sign-up is not completed
	Active            State = "ACTIVE"
	Suspended         State = "SUSPENDED" // by AWS
	Closed            State = "CLOSED"
)

// Profile is what an account is, apart from what it contains.
type Profile struct {
	ID           AccountID      `json:"id"`
	Partition    Partition      `json:"partition"`
	Name         string         `json:"name"`
	Email        string         `json:"email"`
	State        State          `json:"state"`
	Created      time.Time      `json:"created"`
	Organization OrganizationID `json:"organization,omitzero"` // empty when standalone
	Joined       time.Time      `json:"joined,omitzero"`       // when it entered the organization
	Left         time.Time      `json:"left,omitzero"`         // when it left the one before
	Alias        string         `json:"alias,omitzero"`        // of its sign-in page, unique among all accounts
	Features     []Feature      `json:"features,omitzero"`     // of IAM for the organization that it manages

	Circumstances Circumstances `json:"circumstances,omitzero"`

	Contact           *ContactInformation `json:"contact,omitzero"`           // nil until somebody tells it
	AlternateContacts []AlternateContact  `json:"alternateContacts,omitzero"` // at most one of each type
	EmailUpdate       *EmailUpdate        `json:"emailUpdate,omitzero"`       // nil when none was asked for
	Regions           []Region            `json:"regions,omitzero"`           // those that are not as in a new account
	Paired            AccountID           `json:"paired,omitzero"`            // the account of the owner in the other partition
}

// Account is one account as it was at some moment. It never changes, and any number of goroutines may read it.
type Account struct {
	state

	// Memo keeps what was found out about the account, by whom it was, for as long as this state of it is used.
	Memo sync.Map
}

// Draft returns a copy of the account for the rules to change, at the time now and with randomness from rand.
func (a *Account) Draft(now time.Time, rand io.Reader) *Draft {
	return &Draft{state: a.branch(), base: a, now: stamp(now), rand: rand, quotas: AWSQuotas()}
}

// NewAccount drafts an account that does not exist yet: active, standalone, with a root user and nothing else.
// It refuses a name or an e-mail address outside the constraints of organizations:CreateAccount, and an account id
// that is none, as ValidationError.
func NewAccount(id AccountID, p Partition, name, email string, now time.Time, rand io.Reader) (*Draft, error) {
	if _, err := ParseAccountID(string(id)); err != nil {
		return nil, err
	}
	d := &Draft{state: emptyState(), now: stamp(now), rand: rand, quotas: AWSQuotas()}
	profile := Profile{ID: id, Partition: p, State: Active, Created: d.now}
	d.setProfile(profile)
	if err := d.Rename(name); err != nil {
		return nil, err
	}
	if err := d.SetEmail(email); err != nil {
		return nil, err
	}
	return d, nil
}

// Rename gives the account another name. It refuses one outside 1 to 50 printable ASCII characters as ValidationError.
func (d *Draft) Rename(name string) error {
	if !accountNamePattern.MatchString(name) {
		return refuse(ValidationError, "The account name must be 1 to 50 printable ASCII characters.")
	}
	p := d.Profile()
	p.Name = name
	d.setProfile(p)
	return nil
}

// SetEmail gives the root user another e-mail address. It refuses one outside 6 to 64 characters, or without the form
// of an address, as ValidationError. That no other account has the address is for the caller to see to.
func (d *Draft) SetEmail(email string) error {
	if !validEmail(email) {
		return refuse(ValidationError, invalidEmail)
	}
	p := d.Profile()
	p.Email = email
	d.setProfile(p)
	return nil
}

const invalidEmail = "The e-mail address must be 6 to 64 characters of the form local@domain."

func validEmail(email string) bool {
	n := utf8.RuneCountInString(email)
	return n >= 6 && n <= 64 && emailPattern.MatchString(email)
}

// JoinOrganization makes the account a member of an organization, or its management account.
// It refuses an account that is in one as AlreadyInOrganization.
func (d *Draft) JoinOrganization(id OrganizationID) error {
	p := d.Profile()
	if p.Organization != "" {
		return refuse(AlreadyInOrganization, "The AWS account is already a member of an organization.")
	}
	p.Organization, p.Joined = id, d.now
	d.setProfile(p)
	return nil
}

// LeaveOrganization makes the account standalone. It refuses an account that is so already as NotInOrganization.
func (d *Draft) LeaveOrganization() error {
	p := d.Profile()
	if p.Organization == "" {
		return refuse(NotInOrganization, "Your account is not a member of an organization.")
	}
	p.Organization, p.Joined, p.Left, p.Features = "", time.Time{}, d.now, nil
	d.setProfile(p)
	return nil
}

// Close ends the use of the account: no credentials of it are accepted. It refuses a closed account as AccountClosed.
func (d *Draft) Close() error {
	p := d.Profile()
	if p.State == Closed {
		return refuse(AccountClosed, "The provided account is already closed.")
	}
	p.State = Closed
	d.setProfile(p)
	return nil
}

// Reopen makes a closed account usable again, as AWS Support does within 90 days. An active one stays as it is.
func (d *Draft) Reopen() {
	if p := d.Profile(); p.State == Closed {
		p.State = Active
		d.setProfile(p)
	}
}

func (d *Draft) setProfile(p Profile) {
	d.profile = &p
	d.touch(KindAccount, string(p.ID))
}

// state is what an Account holds and a Draft changes. The values in its tables are never modified, only replaced.
type state struct {
	profile   *Profile
	users     *table[*User]   // by nameKey, as the next four
	groups    *table[*Group]  //
	roles     *table[*Role]   //
	policies  *table[*Policy] // those of the account's own
	tasks     *table[*DeletionTask]
	keys      *table[*AccessKey]    // by id
	providers *table[*OIDCProvider] // by URL
	links     *btree.Set[string]    // of all entities
}

func emptyState() state {
	return state{
		profile: new(Profile),
		users:   new(table[*User]), groups: new(table[*Group]), roles: new(table[*Role]), policies: new(table[*Policy]),
		tasks: new(table[*DeletionTask]), keys: new(table[*AccessKey]), providers: new(table[*OIDCProvider]),
		links: new(btree.Set[string]),
	}
}

// Profile returns what the account is.
func (s *state) Profile() Profile { return *s.profile }

// Len returns how many entities the account consists of, itself included.
func (s *state) Len() int {
	return 1 + s.users.Len() + s.groups.Len() + s.roles.Len() + s.policies.Len() + s.tasks.Len() + s.keys.Len() + s.providers.Len()
}

// ID returns the account's number.
func (s *state) ID() AccountID { return s.profile.ID }

// Partition returns the partition that the account lives in.
func (s *state) Partition() Partition { return s.profile.Partition }

// State returns whether the account can be used.
func (s *state) State() State { return s.profile.State }

// Organization returns the organization that the account belongs to, empty when it is standalone.
func (s *state) Organization() OrganizationID { return s.profile.Organization }

// stamp returns t as it is kept: in UTC, to the microsecond, so that it is equal to itself once stored and loaded.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

var (
	accountNamePattern = regexp.MustCompile(`^[ -~]{1,50}$`)
	emailPattern       = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)
)
