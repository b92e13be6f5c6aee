package ops

import (
	"context"
	"errors"

	"github.com/espalier-cloud/espalier/effective"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// TagCheck asks whether tags comply with the tag policy in force for an account.
type TagCheck struct {
	AccountID    string            `json:"accountId"`
	ResourceType string            `json:"resourceType"` // such as ec2:instance
	Tags         map[string]string `json:"tags"`         // that the resource has, or is to get
}

// TagCompliance is the answer: what the tag policy says about tags.
type TagCompliance struct {
	Compliant    []string        `json:"compliant"`    // keys that the policy speaks of, with nothing wrong
	Noncompliant []Noncompliance `json:"noncompliant"` // what is wrong with others
	Missing      []string        `json:"missing"`      // keys that the policy wants reported where they are not there
	Refused      bool            `json:"refused"`      // AWS refuses to set such tags
}

// Noncompliance is what is wrong with one tag.
type Noncompliance struct {
	Key      string   `json:"key"`
	Value    string   `json:"value"`
	Problem  string   `json:"problem"`           // in a sentence
	WantKey  string   `json:"wantKey,omitempty"` // the capitalization that the key must have
	WantOne  []string `json:"wantOneOf,omitzero"`
	Enforced bool     `json:"enforced"`
}

// CheckTags checks tags against the tag policy in force for an account. Where
// there is none everything complies. It returns registry.ErrNotFound.
func (g *Governance) CheckTags(ctx context.Context, in TagCheck) (*TagCompliance, error) {
	view, err := g.Registry.View(ctx, identity.AccountID(in.AccountID))
	if err != nil {
		return nil, err
	}
	rules, err := g.tagRules(view.Organization, org.AccountID(in.AccountID))
	if err != nil {
		return nil, err
	}
	return showCompliance(rules, in.ResourceType, in.Tags), nil
}

// Complies tells whether nothing is wrong and nothing is missing.
func (c *TagCompliance) Complies() bool { return len(c.Noncompliant)+len(c.Missing) == 0 }

// showCompliance checks tags by rules, which may be nil.
func showCompliance(rules *effective.TagRules, resourceType string, tags map[string]string) *TagCompliance {
	shown := &TagCompliance{Compliant: []string{}, Noncompliant: []Noncompliance{}, Missing: []string{}}
	if rules == nil {
		return shown
	}
	found := rules.Check(resourceType, tags)
	shown.Compliant = append(shown.Compliant, found.Compliant...)
	shown.Missing = append(shown.Missing, found.Missing...)
	for _, n := range found.Noncompliant {
		shown.Noncompliant = append(shown.Noncompliant, Noncompliance{n.Key, n.Value, n.Error(), n.WrongKey, n.WrongValue, n.Enforced})
	}
	_, shown.Refused = found.Refused()
	return shown
}

// ReportedResource is a line of the report about tags.
type ReportedResource struct {
	AccountID string `json:"accountId"`
	TaggedResource
	TagCompliance
}

// TagReport is a page of the report about the tags of everything that lives here.
type TagReport struct {
	Resources []ReportedResource `json:"resources"`
	After     string             `json:"after,omitempty"` // continues the report; empty at its end
}

// accountsPerReport is how many accounts a page of the report is about.
const accountsPerReport = 200

// TagReport reports the tags of the resources of all accounts, from behind one,
// where a tag policy applies to the account and speaks of them.
func (g *Governance) TagReport(ctx context.Context, after string) (TagReport, error) {
	report := TagReport{Resources: []ReportedResource{}}
	ids, err := g.Registry.Accounts(ctx, identity.AccountID(after), accountsPerReport)
	if err != nil {
		return report, err
	}
	for _, id := range ids {
		view, err := g.Registry.View(ctx, id)
		if errors.Is(err, registry.ErrNotFound) {
			continue
		}
		if err != nil {
			return report, err
		}
		rules, err := g.tagRules(view.Organization, org.AccountID(id))
		if err != nil {
			return report, err
		}
		if rules != nil {
			report.add(view, rules)
		}
	}
	if len(ids) == accountsPerReport {
		report.After = string(ids[len(ids)-1])
	}
	return report, nil
}

// add adds the resources of an account of which the tag policy has to say anything.
func (r *TagReport) add(view *registry.View, rules *effective.TagRules) {
	for _, resource := range taggedResources(view, "") {
		found := showCompliance(rules, resource.ResourceType, resource.Tags)
		if len(found.Compliant)+len(found.Noncompliant)+len(found.Missing) == 0 {
			continue
		}
		r.Resources = append(r.Resources, ReportedResource{string(view.Account.ID()), resource, *found})
	}
}
