package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// regionsPerPage is the size of a page for which the caller gives no size.
const regionsPerPage = 50

// ListRegions lists the regions with what an account makes of them.
func (a *AccountManagement) ListRegions(ctx context.Context, by Caller, in *account.ListRegionsInput) (*account.ListRegionsOutput, error) {
	of, err := a.read(ctx, by, in.AccountId)
	if err != nil {
		return nil, err
	}
	scope := []string{string(of.ID()), by.Call.Name}
	for _, status := range in.RegionOptStatusContains {
		scope = append(scope, string(status))
	}
	p, err := a.Tokens.page(strings.Join(scope, "\x00"), in.MaxResults, regionsPerPage, in.NextToken)
	if err != nil {
		return nil, invalidField("nextToken", "The value must come from the answer to an earlier call.")
	}
	regions := slices.DeleteFunc(of.Regions(), func(r identity.Region) bool {
		wanted := in.RegionOptStatusContains == nil || slices.Contains(in.RegionOptStatusContains, account.RegionOptStatus(r.Status))
		return !wanted || r.Name <= string(p.after)
	})
	shown, next := collect(p, named(slices.Values(regions), func(r identity.Region) string { return r.Name }), func(r identity.Region) account.Region {
		return account.Region{RegionName: &r.Name, RegionOptStatus: new(account.RegionOptStatus(r.Status))}
	})
	return &account.ListRegionsOutput{Regions: shown, NextToken: next}, nil
}

// GetRegionOptStatus shows what an account makes of a region.
func (a *AccountManagement) GetRegionOptStatus(ctx context.Context, by Caller, in *account.GetRegionOptStatusInput) (*account.GetRegionOptStatusOutput, error) {
	of, err := a.read(ctx, by, in.AccountId)
	if err != nil {
		return nil, err
	}
	r, err := of.Region(in.RegionName)
	if err != nil {
		return nil, accountException(err)
	}
	return &account.GetRegionOptStatusOutput{RegionName: &r.Name, RegionOptStatus: new(account.RegionOptStatus(r.Status))}, nil
}

// EnableRegion begins to enable a region for an account.
func (a *AccountManagement) EnableRegion(ctx context.Context, by Caller, in *account.EnableRegionInput) (*account.EnableRegionOutput, error) {
	return opt[account.EnableRegionOutput](ctx, a, by, in.AccountId, in.RegionName, (*identity.Draft).EnableRegion)
}

// DisableRegion begins to disable a region for an account.
func (a *AccountManagement) DisableRegion(ctx context.Context, by Caller, in *account.DisableRegionInput) (*account.DisableRegionOutput, error) {
	return opt[account.DisableRegionOutput](ctx, a, by, in.AccountId, in.RegionName, (*identity.Draft).DisableRegion)
}

// opt begins to enable or to disable a region, and arranges for the end of it.
func opt[Out any](ctx context.Context, a *AccountManagement, by Caller, named *string, region string, begin func(*identity.Draft, string) error) (*Out, error) {
	fault := a.fault(by)
	return manage(ctx, a, by, named, func(tx *registry.Tx, d *identity.Draft) (*Out, error) {
		if err := begin(d, region); err != nil {
			return nil, err
		}
		payload, err := json.Marshal(regionTask{region})
		if err != nil {
			return nil, fmt.Errorf("job: %w", err)
		}
		tx.Schedule(store.Job{
			ID: jobRegionOpt + "/" + string(d.ID()) + "/" + region, Kind: jobRegionOpt, Aggregate: store.AggregateID(d.ID()),
			Due: tx.Now.Add(a.Delays.RegionOpt + fault().Delay), Payload: payload,
		})
		return new(Out), nil
	})
}

// jobRegionOpt is the kind of the jobs that end the enabling and disabling of
// regions. It is stored: the name never changes.
const jobRegionOpt = "region-opt"

// regionTask is what such a job is about, beside the account.
type regionTask struct {
	Region string `json:"region"`
}

// Handlers returns what works off the background jobs, by kind.
func (a *AccountManagement) Handlers() map[string]func(context.Context, store.Job) error {
	return map[string]func(context.Context, store.Job) error{jobRegionOpt: a.finishRegionOpt}
}

// finishRegionOpt ends the enabling or disabling of a region.
func (a *AccountManagement) finishRegionOpt(ctx context.Context, job store.Job) error {
	var t regionTask
	if err := json.Unmarshal(job.Payload, &t); err != nil {
		return fmt.Errorf("job %s: %w", job.ID, err)
	}
	id := identity.AccountID(job.Aggregate)
	err := a.Registry.Write(ctx, registry.AccountKey(id), job.Kind, func(tx *registry.Tx) error {
		d, err := tx.Account(id)
		if err != nil {
			return err
		}
		d.FinishRegionOpt(t.Region)
		tx.Finish(job.ID)
		return nil
	})
	if errors.Is(err, registry.ErrNotFound) {
		return nil // the runner removes the job
	}
	return err
}
