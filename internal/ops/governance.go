package ops

import (
	"context"
	"errors"
	"time"

	"github.com/espalier-cloud/espalier/effective"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// Governance answers what operators, and the services of a private cloud, ask
// about effective policies and tags, and no AWS API tells.
type Governance struct{ Core }

// ErrNoOrganization says that an account is in no organization.
var ErrNoOrganization = errors.New("the account is in no organization")

// EffectiveReport is what applies to an account of one type of management policy,
// and how it came about.
type EffectiveReport struct {
	AccountID  string           `json:"accountId"`
	PolicyType string           `json:"policyType"`
	Updated    time.Time        `json:"updated"`
	Content    string           `json:"content"` // what is published
	Valid      bool             `json:"valid"`
	Merged     string           `json:"merged,omitempty"` // what the policies come to, where it is not valid
	Errors     []EffectiveError `json:"errors,omitempty"`
	Settings   []Setting        `json:"settings,omitempty"` // where they are asked for
}

// EffectiveError is one thing that is wrong with what policies come to.
type EffectiveError struct {
	Code     string      `json:"code"`
	Message  string      `json:"message"`
	Path     string      `json:"path"`
	Policies []PolicyRef `json:"policies"` // that contribute to it
}

// Setting is one setting that policies speak of, in effect or not.
type Setting struct {
	Path   string          `json:"path"`
	Set    bool            `json:"set"`
	Values []SettingOrigin `json:"values,omitempty"`
	Steps  []SettingStep   `json:"steps,omitempty"` // from the root down
}

// SettingOrigin is one value of a setting and where it is from: nowhere for a default.
type SettingOrigin struct {
	Value  string        `json:"value"`
	Source *PolicySource `json:"source,omitempty"`
}

// SettingStep is what one policy does to a setting.
type SettingStep struct {
	PolicySource
	Operator string         `json:"operator"`
	Values   []string       `json:"values"`
	Outcome  string         `json:"outcome"`           // applied, forbidden, preceded or idle
	Because  []PolicySource `json:"because,omitempty"` // of who forbids or precedes it
}

// PolicyRef names a policy.
type PolicyRef struct {
	PolicyID string `json:"policyId"`
	Name     string `json:"name,omitempty"`
}

// PolicySource is a policy where it is attached.
type PolicySource struct {
	PolicyRef
	Target string `json:"target"`
	Level  int    `json:"level"` // 0 is the root; levels without policies do not count
}

// Effective returns what applies to an account, with all settings when explain is
// true. It returns registry.ErrNotFound, ErrNoOrganization, and the *org.Error of
// [org.EffectivePolicies.Of].
func (g *Governance) Effective(ctx context.Context, id, policyType string, explain bool) (*EffectiveReport, error) {
	o, err := g.organizationOf(ctx, id)
	if err != nil {
		return nil, err
	}
	t := org.PolicyType(policyType)
	published, err := g.Core.Effective.Of(o, org.TargetID(id), t)
	if err != nil {
		return nil, err
	}
	report := &EffectiveReport{AccountID: id, PolicyType: policyType, Updated: published.Updated, Content: published.Content, Valid: !published.Invalid}
	if report.Valid && !explain {
		return report, nil
	}
	merged, explanation, err := g.Core.Effective.Explain(o, org.TargetID(id), t)
	if err != nil {
		return nil, err
	}
	if !report.Valid {
		report.Merged = merged.Content
	}
	for _, e := range merged.Errors {
		shown := EffectiveError{Code: string(e.Code), Message: e.Message, Path: e.Path}
		for _, policy := range e.ContributingPolicies {
			shown.Policies = append(shown.Policies, policyRef(o, policy))
		}
		report.Errors = append(report.Errors, shown)
	}
	if explain {
		for _, setting := range explanation {
			report.Settings = append(report.Settings, showSetting(o, &setting))
		}
	}
	return report, nil
}

// organizationOf returns the organization of an account. It returns
// registry.ErrNotFound and ErrNoOrganization.
func (g *Governance) organizationOf(ctx context.Context, id string) (*org.Organization, error) {
	view, err := g.Registry.View(ctx, identity.AccountID(id))
	if err != nil {
		return nil, err
	}
	if view.Organization == nil {
		return nil, ErrNoOrganization
	}
	return view.Organization, nil
}

func showSetting(o *org.Organization, in *effective.Explained) Setting {
	setting := Setting{Path: in.Path, Set: in.Set}
	for _, value := range in.Values {
		origin := SettingOrigin{Value: value.Value}
		if !value.Default {
			origin.Source = new(policySource(o, value.Source))
		}
		setting.Values = append(setting.Values, origin)
	}
	for _, step := range in.Steps {
		shown := SettingStep{PolicySource: policySource(o, step.Source), Operator: string(step.Operator), Values: step.Values, Outcome: string(step.Outcome)}
		for _, source := range step.Because {
			shown.Because = append(shown.Because, policySource(o, source))
		}
		setting.Steps = append(setting.Steps, shown)
	}
	return setting
}

func policySource(o *org.Organization, s effective.Source) PolicySource {
	return PolicySource{PolicyRef: policyRef(o, s.Policy), Target: s.Target, Level: s.Level}
}

func policyRef(o *org.Organization, id string) PolicyRef {
	ref := PolicyRef{PolicyID: id}
	if policy, err := o.Policy(org.PolicyID(id)); err == nil {
		ref.Name = policy.Name
	}
	return ref
}

// SameOrganization tells whether two accounts are in one organization, or are the
// same account.
func (g *Governance) SameOrganization(ctx context.Context, a identity.AccountID, b string) (bool, error) {
	first, err := g.Registry.Account(ctx, a)
	if err != nil || string(a) == b {
		return err == nil, err
	}
	second, err := g.Registry.Account(ctx, identity.AccountID(b))
	if errors.Is(err, registry.ErrNotFound) {
		return false, nil
	}
	return err == nil && first.Organization() != "" && first.Organization() == second.Organization(), err
}
