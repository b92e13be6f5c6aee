package identity

import (
	"slices"
	"time"
)

// PolicyVersion is a version of a managed policy.
type PolicyVersion struct {
	Number   int       `json:"number"` // from 1
	Document string    `json:"document"`
	Created  time.Time `json:"created"`
}

// ID returns the version's id: v3.
func (v PolicyVersion) ID() string { return versionID(v.Number) }

// DefaultVersion returns the version that is in effect.
func (p *Policy) DefaultVersion() PolicyVersion {
	v, _ := p.Version(versionID(p.Default))
	return v
}

// Version returns the version of that id, such as v3.
func (p *Policy) Version(id string) (PolicyVersion, bool) {
	i := slices.IndexFunc(p.Versions, func(v PolicyVersion) bool { return v.ID() == id })
	if i < 0 {
		return PolicyVersion{}, false
	}
	return p.Versions[i], true
}

// LatestVersions returns the versions, the latest first.
func (p *Policy) LatestVersions() []PolicyVersion {
	versions := slices.Clone(p.Versions)
	slices.Reverse(versions)
	return versions
}

// PolicyVersion returns a version of a managed policy. It refuses as [Account.ExistingPolicy] does, and a version that
// does not exist as NoSuchEntity.
func (s *state) PolicyVersion(arn, id string) (*Policy, PolicyVersion, error) {
	p, err := s.ExistingPolicy(arn)
	if err != nil {
		return nil, PolicyVersion{}, err
	}
	v, ok := p.Version(id)
	if !ok {
		return nil, v, noSuchVersion(arn, id)
	}
	return p, v, nil
}

// CreatePolicyVersion adds a version to a managed policy, and puts it in effect when asked to. It refuses an
// ARN that is no policy's as InvalidInput, a policy that does not exist as NoSuchEntity, one of AWS or of another account
// as AccessDenied, a version too many and a document that is too long as LimitExceeded, and a document that is none as
// MalformedPolicyDocument.
func (d *Draft) CreatePolicyVersion(arn, document string, asDefault bool) (v PolicyVersion, err error) {
	err = d.changePolicy(arn, func(p *Policy) error {
		if err := d.checkManagedDocument(document); err != nil {
			return err
		}
		if limit := d.quotas.VersionsPerPolicy; len(p.Versions) >= limit {
			return refuse(LimitExceeded, "A managed policy can have up to %d versions. Before you create a new version, "+
				"you must delete an existing version.", limit)
		}
		p.Latest++
		v = PolicyVersion{p.Latest, document, d.now}
		p.Versions = append(p.Versions, v)
		if asDefault {
			p.Default = v.Number
		}
		p.Updated = d.now
		return nil
	})
	return v, err
}

// SetDefaultPolicyVersion puts a version of a managed policy in effect. It refuses the policy as
// [Draft.CreatePolicyVersion] does, and a version that does not exist as NoSuchEntity.
func (d *Draft) SetDefaultPolicyVersion(arn, id string) error {
	return d.changePolicy(arn, func(p *Policy) error {
		v, ok := p.Version(id)
		if !ok {
			return noSuchVersion(arn, id)
		}
		p.Default, p.Updated = v.Number, d.now
		return nil
	})
}

// DeletePolicyVersion deletes a version of a managed policy. It refuses the policy as [Draft.CreatePolicyVersion] does, a
// version that does not exist as NoSuchEntity, and the one that is in effect as DeleteConflict.
func (d *Draft) DeletePolicyVersion(arn, id string) error {
	return d.changePolicy(arn, func(p *Policy) error {
		v, ok := p.Version(id)
		if !ok {
			return noSuchVersion(arn, id)
		}
		if v.Number == p.Default {
			return refuse(DeleteConflict, "Cannot delete the default version of a policy.")
		}
		p.Versions = slices.DeleteFunc(p.Versions, func(other PolicyVersion) bool { return other.Number == v.Number })
		p.Updated = d.now
		return nil
	})
}

func noSuchVersion(arn, id string) error {
	return refuse(NoSuchEntity, "Policy %s version %s does not exist or is not attachable.", arn, id)
}
