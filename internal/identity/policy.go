package identity

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/policy"
)

// maxPolicyName is the longest name of a policy, managed or inline.
const maxPolicyName = 128

// Policy is a managed policy: the account's own, or one that AWS manages.
type Policy struct {
	Name        string          `json:"name"`
	Path        string          `json:"path"` // begins and ends with a slash
	ID          PolicyID        `json:"id"`
	Description string          `json:"description,omitzero"`
	Created     time.Time       `json:"created"`
	Updated     time.Time       `json:"updated"`
	Default     int             `json:"default"`       // number of the version that is in effect
	Latest      int             `json:"latest"`        // number of the version that was made last, deleted or not
	Versions    []PolicyVersion `json:"versions"`      // in the order of their numbers
	Tags        []Tag           `json:"tags,omitzero"` // in the order in which they were set
	ByAWS       bool            `json:"-"`             // whether AWS manages it
}

func (p *Policy) links(string) []link { return nil }

// Attachable reports whether users, groups and roles can have the policy. Those of service-linked roles are for them alone.
func (p *Policy) Attachable() bool { return !strings.HasPrefix(p.Path, serviceRolePath) }

// NewPolicy is what CreatePolicy is asked for. An empty path stands for "/".
type NewPolicy struct {
	Name        string
	Path        string
	Description string
	Document    string
	Tags        []Tag
}

// CreatePolicy adds a managed policy, with the document as its version v1. It refuses a name that is taken, case apart,
// as EntityAlreadyExists, a policy too many and a document that is too long as LimitExceeded, a document that is none
// as MalformedPolicyDocument, and tags as [Draft.Tag] does.
func (d *Draft) CreatePolicy(in NewPolicy) (*Policy, error) {
	if in.Path == "" {
		in.Path = "/"
	}
	if err := checkName("policyName", in.Name, maxPolicyName); err != nil {
		return nil, err
	}
	if err := checkPath(in.Path); err != nil {
		return nil, err
	}
	if _, taken := d.policies.Get(nameKey(in.Name)); taken {
		return nil, refuse(EntityAlreadyExists, "A policy called %s already exists. Duplicate names are not allowed.", in.Name)
	}
	if limit := d.quotas.Policies; d.policies.Len() >= limit {
		return nil, exceeded("PoliciesPerAccount", limit)
	}
	if err := d.checkManagedDocument(in.Document); err != nil {
		return nil, err
	}
	tags, err := d.tagged(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	id, err := uniqueID(d.rand, prefixPolicy, 17)
	if err != nil {
		return nil, err
	}
	p := &Policy{
		Name: in.Name, Path: in.Path, ID: PolicyID(id), Description: in.Description, Created: d.now, Updated: d.now,
		Default: 1, Latest: 1, Versions: []PolicyVersion{{1, in.Document, d.now}}, Tags: tags,
	}
	d.setPolicy(p)
	return p, nil
}

// DeletePolicy deletes a managed policy. It refuses as [Draft.CreatePolicyVersion] does, and as DeleteConflict a policy
// that is attached, that bounds somebody, or that has more than one version.
func (d *Draft) DeletePolicy(arn string) error {
	p, err := d.ownPolicy(arn)
	if err != nil {
		return err
	}
	if d.AttachmentCount(arn) > 0 || d.BoundaryCount(arn) > 0 {
		return refuse(DeleteConflict, "Cannot delete a policy attached to entities.")
	}
	if len(p.Versions) > 1 {
		return refuse(DeleteConflict, "This policy has more than one version. Before you delete a policy, you must delete "+
			"the policy's versions. The default version is deleted with the policy.")
	}
	removeFrom(&d.state, d.policies, nameKey(p.Name))
	d.touch(KindPolicy, nameKey(p.Name))
	return nil
}

// TagPolicy gives tags to a managed policy. It refuses the policy as [Draft.CreatePolicyVersion] does, and the tags as
// [Draft.Tag] does.
func (d *Draft) TagPolicy(arn string, tags []Tag) error {
	return d.changePolicy(arn, func(p *Policy) (err error) {
		p.Tags, err = d.tagged(p.Tags, tags)
		return err
	})
}

// UntagPolicy takes tags from a managed policy; keys that it does not have are ignored. It refuses the policy as
// [Draft.CreatePolicyVersion] does.
func (d *Draft) UntagPolicy(arn string, keys []string) error {
	return d.changePolicy(arn, func(p *Policy) error {
		p.Tags = untagged(p.Tags, keys)
		return nil
	})
}

// Policy returns the managed policy of an ARN, which has to be exact: the path included and case distinguished.
func (s *state) Policy(arn string) (*Policy, bool) {
	if name, ok := strings.CutPrefix(arn, ManagedPolicyARN(s.Partition(), "")); ok {
		p, ok := policiesOfAWS(s.Partition())[name]
		return p, ok
	}
	p, ok := s.policies.Get(nameKey(NameOf(arn)))
	if !ok || s.PolicyARN(p) != arn {
		return nil, false
	}
	return p, true
}

// Policies yields the account's own managed policies whose path begins with pathPrefix and whose name comes after the
// name after, in the order of their lower-case names.
func (s *state) Policies(pathPrefix, after string) iter.Seq[*Policy] {
	return func(yield func(*Policy) bool) {
		for p := range walk(s.policies, nameKey(after)) {
			if strings.HasPrefix(p.Path, pathPrefix) && !yield(p) {
				return
			}
		}
	}
}

// PolicyARN returns the ARN of a managed policy.
func (s *state) PolicyARN(p *Policy) string {
	if p.ByAWS {
		return ManagedPolicyARN(s.Partition(), p.Path[1:]+p.Name)
	}
	return PolicyARN(s.Partition(), s.ID(), p.Path, p.Name)
}

// ExistingPolicy returns the managed policy of an ARN. It refuses an ARN that is no policy's as InvalidInput, one
// of another account as AccessDenied, and one that no policy has as NoSuchEntity.
func (s *state) ExistingPolicy(arn string) (*Policy, error) {
	if err := s.checkPolicyARN(arn); err != nil {
		return nil, err
	}
	p, ok := s.Policy(arn)
	if !ok {
		return nil, noSuchPolicy(arn)
	}
	return p, nil
}

// ownPolicy is ExistingPolicy for changes, which AWS's policies do not suffer.
func (d *Draft) ownPolicy(arn string) (*Policy, error) {
	p, err := d.ExistingPolicy(arn)
	if err == nil && p.ByAWS {
		return nil, outsideAccount()
	}
	return p, err
}

// changePolicy replaces a policy by a copy that a rule has changed. What the rule refuses changes nothing.
func (d *Draft) changePolicy(arn string, rule func(*Policy) error) error {
	p, err := d.ownPolicy(arn)
	if err != nil {
		return err
	}
	changed := *p
	changed.Versions = slices.Clone(p.Versions)
	if err := rule(&changed); err != nil {
		return err
	}
	d.setPolicy(&changed)
	return nil
}

func (d *Draft) setPolicy(p *Policy) {
	setIn(&d.state, d.policies, nameKey(p.Name), p)
	d.touch(KindPolicy, nameKey(p.Name))
}

// checkPolicyARN refuses an ARN that cannot be that of a policy of AWS or of the account.
func (s *state) checkPolicyARN(arn string) error {
	account, resource, ok := strings.Cut(strings.TrimPrefix(arn, "arn:"+string(s.Partition())+":iam::"), ":")
	switch {
	case !ok || !strings.HasPrefix(resource, "policy/") || account != "aws" && !IsAccountID(account):
		return refuse(InvalidInput, "ARN %s is not valid.", arn)
	case account != "aws" && account != string(s.ID()):
		return outsideAccount()
	}
	return nil
}

// checkManagedDocument refuses a document that cannot be a version of a managed policy.
func (d *Draft) checkManagedDocument(document string) error {
	if limit := d.quotas.PolicyCharacters; documentSize(document) > limit {
		return exceeded("PolicySize", limit)
	}
	return checkDocument(policy.IdentityPolicy, document)
}

func noSuchPolicy(arn string) error { return refuse(NoSuchEntity, "Policy %s was not found.", arn) }

func outsideAccount() error { return refuse(AccessDenied, "Policy is outside your own account.") }

// versionID writes the number of a version as IAM does: v3.
func versionID(number int) string { return "v" + strconv.Itoa(number) }
