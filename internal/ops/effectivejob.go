package ops

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/trail"
)

// How many accounts one commit tells that their effective policies became
// invalid or valid: those of the change itself, and those of the background job
// that goes on where there are more.
const (
	judgedAtOnce = 20
	judgedPerJob = 200
)

// settle brings effective policies in step with a change of an organization.
func (c *Core) settle(tx *registry.Tx, d *org.Draft) error {
	done := d.Settle(c.Effective, c.Delays.EffectivePolicy > 0)
	for _, t := range done.Pending {
		if err := schedule(tx, d, jobEffectivePolicy, string(t), task{PolicyType: t, Delay: c.Delays.EffectivePolicy}); err != nil {
			return err
		}
	}
	return c.tell(tx, d, done)
}

// tell records what a settlement did in the trail, or arranges for it.
func (c *Core) tell(tx *registry.Tx, d *org.Draft, s org.Settlement) error {
	for _, j := range s.Judgements {
		t := task{PolicyType: j.Type, Judgement: &j, Asked: trail.Timestamp(tx.Now)}
		if err := c.tellSome(tx, d, &t, judgedAtOnce); err != nil {
			return err
		}
		if t.Judgement == nil {
			continue
		}
		about := string(j.Type) + "/" + strconv.FormatInt(tx.Now.UnixMicro(), 10)
		if err := schedule(tx, d, jobEffectiveEvents, about, t); err != nil {
			return err
		}
	}
	return nil
}

// tellSome records up to limit events and moves the task on. When all are
// recorded, the task has no judgement any more.
func (c *Core) tellSome(tx *registry.Tx, d *org.Draft, t *task, limit int) error {
	n := 0
	for cursor, judged := range d.Judged(t.Judgement, t.After) {
		if n == limit {
			return nil
		}
		if err := recordValidation(tx, d, t, judged); err != nil {
			return err
		}
		t.After = cursor
		n++
	}
	t.Judgement = nil
	return nil
}

// recordValidation records that the effective policy of an account became invalid
// or valid, as CloudTrail shows it:
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html.
func recordValidation(tx *registry.Tx, d *org.Draft, t *task, judged org.Judged) error {
	details := map[string]any{"accountId": judged.Account.ID, "policyType": t.PolicyType, "requestTimestamp": t.Asked}
	if len(judged.Errors) == 0 {
		details["state"], details["info"] = "VALID", "Previous effective policy validation error(s) resolved for this account/policyType"
	} else {
		details["state"], details["info"] = "INVALID", "All validation errors listed"
		var all []map[string]any
		for _, e := range judged.Errors {
			all = append(all, map[string]any{
				"accountPath": d.AccountPath(judged.Account), "evaluationTimestamp": trail.Timestamp(tx.Now), "errorCode": e.Code,
				"errorMessage": e.Message, "pathToError": e.Path, "contributingPolicies": e.ContributingPolicies,
			})
		}
		details["validationErrors"] = all
	}
	event, err := organizationEvent(tx, d, "EffectivePolicyValidation", details)
	if err != nil {
		return err
	}
	event.ReadOnly = true
	return tx.Record(event)
}

// publishEffective publishes what was held back since a change.
func (o *Organizations) publishEffective(ctx context.Context, job store.Job) error {
	return o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, t task) error {
		return o.tell(tx, d, d.Publish(o.Effective, t.PolicyType))
	})
}

// tellEffective records the events that were too many for one commit.
func (o *Organizations) tellEffective(ctx context.Context, job store.Job) error {
	for more := true; more; {
		more = false // also when the organization is gone
		err := o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, t task) error {
			if err := o.tellSome(tx, d, &t, judgedPerJob); err != nil {
				return err
			}
			if more = t.Judgement != nil; !more {
				return nil
			}
			t.Delay = 0
			payload, err := json.Marshal(t)
			if err != nil {
				return fmt.Errorf("job: %w", err)
			}
			job.Payload = payload
			tx.Schedule(store.Job{ID: job.ID, Kind: job.Kind, Aggregate: job.Aggregate, Due: tx.Now, Payload: payload}) // should this server stop in between
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
