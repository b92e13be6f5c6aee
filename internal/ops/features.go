package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// EnableAllFeatures begins the migration of an organization with consolidated
// billing to all features. What the handshake becomes at once, because nobody has
// to be asked, the next call tells.
func (o *Organizations) EnableAllFeatures(ctx context.Context, by Caller, _ *organizations.EnableAllFeaturesInput) (*organizations.EnableAllFeaturesOutput, error) {
	return write(ctx, &o.Core, by, func(tx *registry.Tx, d *org.Draft) (*organizations.EnableAllFeaturesOutput, error) {
		h, err := d.EnableAllFeatures()
		if err != nil {
			return nil, err
		}
		return &organizations.EnableAllFeaturesOutput{Handshake: new(showHandshake(d.Organization, h))}, settleHandshakes(tx, d)
	})
}
