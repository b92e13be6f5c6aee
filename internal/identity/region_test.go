package identity

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRegionsOfANewAccount(t *testing.T) {
	for partition, want := range map[Partition]map[RegionOptStatus]int{
		PartitionAWS:      {RegionEnabledByDefault: 17, RegionDisabled: 17},
		PartitionChina:    {RegionEnabledByDefault: 2},
		PartitionGovCloud: {RegionEnabledByDefault: 2},
	} {
		d, err := NewAccount(testAccount, partition, "n", "root@example.com", testTime, rand.Reader)
		must(t, err)
		regions := d.Account().Regions()
		got := map[RegionOptStatus]int{}
		for _, r := range regions {
			got[r.Status]++
		}
		if len(got) != len(want) || got[RegionEnabledByDefault] != want[RegionEnabledByDefault] || got[RegionDisabled] != want[RegionDisabled] {
			t.Errorf("%s: %v", partition, got)
		}
		if !slices.IsSortedFunc(regions, func(a, b Region) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s: %v", partition, regions)
		}
	}
}

// TestRegionOpts covers every status with everything that can be asked.
func TestRegionOpts(t *testing.T) {
	const current = "Unable to switch region status because of its current opt-in status."
	to := map[RegionOptStatus]func(*Draft, string) error{
		RegionDisabled: func(*Draft, string) error { return nil },
		RegionEnabling: (*Draft).EnableRegion,
		RegionEnabled: func(d *Draft, name string) error {
			defer d.FinishRegionOpt(name)
			return d.EnableRegion(name)
		},
	}
	to[RegionDisabling] = func(d *Draft, name string) error {
		must(t, to[RegionEnabled](d, name))
		return d.DisableRegion(name)
	}
	for _, tt := range []struct {
		from    RegionOptStatus
		event   string
		want    RegionOptStatus // "" when it is refused
		kind    ErrorKind
		message string
	}{
		{from: RegionDisabled, event: "enable", want: RegionEnabling},
		{from: RegionDisabled, event: "disable", kind: InvalidInput, message: current},
		{from: RegionDisabled, event: "finish", want: RegionDisabled},
		{from: RegionEnabling, event: "enable", kind: InvalidInput, message: current},
		{from: RegionEnabling, event: "disable", kind: Conflict},
		{from: RegionEnabling, event: "finish", want: RegionEnabled},
		{from: RegionEnabled, event: "enable", kind: InvalidInput, message: current},
		{from: RegionEnabled, event: "disable", want: RegionDisabling},
		{from: RegionEnabled, event: "finish", want: RegionEnabled},
		{from: RegionDisabling, event: "enable", kind: Conflict},
		{from: RegionDisabling, event: "disable", kind: InvalidInput, message: current},
		{from: RegionDisabling, event: "finish", want: RegionDisabled},
	} {
		t.Run(string(tt.from)+" "+tt.event, func(t *testing.T) {
			d := newDraft(t)
			must(t, to[tt.from](d, "af-south-1"))
			err := map[string]func(string) error{
				"enable": d.EnableRegion, "disable": d.DisableRegion,
				"finish": func(name string) error { d.FinishRegionOpt(name); return nil },
			}[tt.event]("af-south-1")
			if tt.want == "" {
				wantRefusal(t, err, tt.kind, tt.message)
				tt.want = tt.from
			} else {
				must(t, err)
			}
			if r, err := d.Region("af-south-1"); err != nil || r.Status != tt.want {
				t.Errorf("%v, %v", r, err)
			}
		})
	}
}

func TestRegionOptRefuses(t *testing.T) {
	d := newDraft(t)
	wantRefusal(t, d.EnableRegion("us-east-1"), InvalidInput, "")
	wantRefusal(t, d.DisableRegion("us-east-1"), InvalidInput, "")
	wantRefusal(t, d.EnableRegion("cn-north-1"), InvalidInput, "")
	d.FinishRegionOpt("cn-north-1")
	for _, name := range []string{"af-south-1", "ap-east-1", "ap-south-2", "ca-west-1", "eu-south-1", "eu-south-2"} {
		must(t, d.EnableRegion(name))
	}
	wantRefusal(t, d.EnableRegion("me-south-1"), LimitExceeded, "")
	d.FinishRegionOpt("af-south-1")
	must(t, d.EnableRegion("me-south-1"))
}

// TestRegionsAreKept: whatever was enabled and disabled, a loaded account has the same regions.
func TestRegionsAreKept(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDraft(t)
		names := make([]string, 0, 34)
		for _, r := range d.Regions() {
			names = append(names, r.Name)
		}
		for range rapid.IntRange(0, 20).Draw(rt, "steps") {
			name := rapid.SampledFrom(names).Draw(rt, "region")
			switch rapid.IntRange(0, 2).Draw(rt, "event") {
			case 0:
				_ = d.EnableRegion(name)
			case 1:
				_ = d.DisableRegion(name)
			case 2:
				d.FinishRegionOpt(name)
			}
		}
		loaded, err := Load(sequence(d.Changes()))
		must(rt, err)
		if !slices.Equal(loaded.Regions(), d.Regions()) || len(loaded.Regions()) != len(names) {
			rt.Errorf("loaded %v\nwant %v", loaded.Regions(), d.Regions())
		}
	})
}
