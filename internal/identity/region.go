package identity

import (
	"slices"
	"strings"
)

// RegionOptStatus tells whether an account uses a region, as the model spells it.
type RegionOptStatus string

// The statuses of the model.
const (
	RegionEnabled          RegionOptStatus = "ENABLED"
	RegionEnabling         RegionOptStatus = "ENABLING"
	RegionDisabling        RegionOptStatus = "DISABLING"
	RegionDisabled         RegionOptStatus = "DISABLED"
	RegionEnabledByDefault RegionOptStatus = "ENABLED_BY_DEFAULT"
)

// Region is a region with what an account makes of it.
type Region struct {
	Name   string          `json:"name"` // such as "af-south-1"
	Status RegionOptStatus `json:"status"`
}

// concurrentRegionOpts is how many regions may be enabled and disabled at once:
// https://docs.aws.amazon.com/accounts/latest/reference/quotas.html.
const concurrentRegionOpts = 6

// regionsOf returns the regions of a partition as they are in a new account, in the order of their names:
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html.
func regionsOf(p Partition) []Region {
	byDefault, optIn := "us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 "+
		"ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2",
		"af-south-1 ap-east-1 ap-east-2 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 "+
			"ca-west-1 eu-central-2 eu-south-1 eu-south-2 il-central-1 me-central-1 me-south-1 mx-central-1"
	switch p {
	case PartitionChina:
		byDefault, optIn = "cn-north-1 cn-northwest-1", ""
	case PartitionGovCloud:
		byDefault, optIn = "us-gov-east-1 us-gov-west-1", ""
	case PartitionAWS:
	}
	var regions []Region
	for _, name := range strings.Fields(byDefault) {
		regions = append(regions, Region{name, RegionEnabledByDefault})
	}
	for _, name := range strings.Fields(optIn) {
		regions = append(regions, Region{name, RegionDisabled})
	}
	slices.SortFunc(regions, func(a, b Region) int { return strings.Compare(a.Name, b.Name) })
	return regions
}

// Regions returns the regions of the account's partition, in the order of their names.
func (s *state) Regions() []Region {
	regions := regionsOf(s.Partition())
	for i, r := range regions {
		if at := slices.IndexFunc(s.profile.Regions, named(r.Name)); at >= 0 {
			regions[i] = s.profile.Regions[at]
		}
	}
	return regions
}

// Region returns a region of the account's partition. It refuses a name that no region there has as InvalidInput.
func (s *state) Region(name string) (Region, error) {
	regions := s.Regions()
	if i := slices.IndexFunc(regions, named(name)); i >= 0 {
		return regions[i], nil
	}
	return Region{}, refuse(InvalidInput, "The Region does not exist in this partition.")
}

// EnableRegion begins to enable a region for the account: [Draft.FinishRegionOpt] ends it. It refuses a region that
// does not exist, is enabled or is so by default as InvalidInput, one that is being disabled as Conflict, and more than
// six regions at once as LimitExceeded.
func (d *Draft) EnableRegion(name string) error {
	return d.opt(name, RegionEnabling, RegionDisabled, RegionDisabling)
}

// DisableRegion begins to disable a region for the account: [Draft.FinishRegionOpt] ends it. It refuses as EnableRegion
// does.
func (d *Draft) DisableRegion(name string) error {
	return d.opt(name, RegionDisabling, RegionEnabled, RegionEnabling)
}

// opt takes a region from one status to another, unless it is on its way in the opposite direction.
func (d *Draft) opt(name string, to, from, opposite RegionOptStatus) error {
	region, err := d.Region(name)
	if err != nil {
		return err
	}
	underWay := 0
	for _, r := range d.profile.Regions {
		if r.Status == RegionEnabling || r.Status == RegionDisabling {
			underWay++
		}
	}
	switch {
	case region.Status == opposite:
		return refuse(Conflict, "The Region is %s. Try again later.", opposite)
	case region.Status != from:
		return refuse(InvalidInput, "Unable to switch region status because of its current opt-in status.")
	case underWay >= concurrentRegionOpts:
		return refuse(LimitExceeded, "Too many Regions are being enabled and disabled at once. Try again later.")
	}
	d.setRegion(Region{name, to})
	return nil
}

// FinishRegionOpt ends what EnableRegion or DisableRegion began. A region that neither began stays as it is.
func (d *Draft) FinishRegionOpt(name string) {
	region, err := d.Region(name)
	switch {
	case err != nil:
	case region.Status == RegionEnabling:
		d.setRegion(Region{name, RegionEnabled})
	case region.Status == RegionDisabling:
		d.setRegion(Region{name, RegionDisabled})
	}
}

// setRegion keeps what is different from a new account.
func (d *Draft) setRegion(r Region) {
	p := d.Profile()
	p.Regions = slices.DeleteFunc(slices.Clone(p.Regions), named(r.Name))
	if r.Status != RegionDisabled {
		p.Regions = append(p.Regions, r)
	}
	d.setProfile(p)
}

func named(name string) func(Region) bool { return func(r Region) bool { return r.Name == name } }
