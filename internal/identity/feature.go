package identity

import "slices"

// Feature is a feature of IAM for a whole organization.
type Feature string

// The features of IAM for organizations, in the order in which IAM lists them.
const (
	RootCredentialsManagement Feature = "RootCredentialsManagement"
	RootSessions              Feature = "RootSessions"
)

// SetFeature turns a feature on or off for the organization whose management account this is; what it is already, it
// stays. The features end with the membership.
func (d *Draft) SetFeature(f Feature, on bool) {
	p := d.Profile()
	p.Features = slices.DeleteFunc(slices.Clone(p.Features), func(other Feature) bool { return other == f })
	if on {
		p.Features = append(p.Features, f)
		slices.Sort(p.Features)
	}
	if len(p.Features) == 0 {
		p.Features = nil
	}
	d.setProfile(p)
}
