package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// schedulePolicyType arranges for the end of what EnablePolicyType or
// DisablePolicyType began.
func (o *Organizations) schedulePolicyType(tx *registry.Tx, d *org.Draft, t org.PolicyType, fault func() Fault) error {
	if !d.Root().Status(t).Pending() {
		return nil
	}
	return schedule(tx, d, jobPolicyType, string(t), task{PolicyType: t, Delay: o.Delays.PolicyType + fault().Delay})
}

// detachAtOnce is how many attachments one commit removes.
const detachAtOnce = 400

// finishPolicyType ends the enabling or disabling of a policy type.
func (o *Organizations) finishPolicyType(ctx context.Context, job store.Job) error {
	for done := false; !done; {
		done = true // also when there is nothing left to work on
		err := o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, t task) error {
			d.FinishEnabling(t.PolicyType)
			if done = d.DetachSome(t.PolicyType, detachAtOnce); !done {
				return schedule(tx, d, job.Kind, string(t.PolicyType), task{PolicyType: t.PolicyType}) // should this server stop in between
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
