package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

const swapMeta = `UPDATE meta SET value = $3 WHERE key = $1 AND value = $2`

// tenure is who holds a lease, and until when.
type tenure struct {
	Owner string    `json:"owner"`
	Until time.Time `json:"until"`
}

// Hold takes or prolongs the lease of that name until now + period, and reports
// whether the owner holds it: it does unless another one's has not run out yet. A
// period of nothing gives the lease back.
func (s *Store) Hold(ctx context.Context, name, owner string, now time.Time, period time.Duration) (bool, error) {
	key := "lease/" + name
	wanted, err := json.Marshal(tenure{owner, now.Add(period).UTC()})
	if err != nil {
		return false, err
	}
	present, err := s.InitMeta(ctx, key, wanted)
	if err != nil {
		return false, err
	}
	var held tenure
	if err := json.Unmarshal(present, &held); err != nil {
		return false, errors.Join(errors.New("store: lease "+name+" cannot be read"), err)
	}
	if held.Owner != owner && now.Before(held.Until) {
		return false, nil
	}
	swapped, err := s.change(ctx, "take a lease", swapMeta, key, present, wanted)
	return swapped == 1, err
}
