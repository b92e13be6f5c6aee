package identity

import "time"

// accessGranularity is how exactly the last use of keys and roles is known. IAM itself tells it with some delay.
const accessGranularity = 15 * time.Minute

// Access is the last use of an access key, or of a role by one of its sessions.
type Access struct {
	At      time.Time `json:"at"`
	Service string    `json:"service"` // such as iam
	Region  string    `json:"region"`
}

// stale reports whether a use at now is worth keeping beside an earlier one.
func (a *Access) stale(now time.Time) bool { return a == nil || now.Sub(a.At) >= accessGranularity }

// UseIsNews reports whether a call by someone of the account, made now, is to be kept with
// [Draft.RecordUse]: the last one was long ago.
func (s *state) UseIsNews(by Caller, now time.Time) bool {
	if by.Role != nil {
		r, ok := s.Role(by.Role.Name)
		return ok && r.ID == by.Role.ID && r.LastUsed.stale(now)
	}
	k, ok := s.AccessKey(by.AccessKeyID)
	return ok && k.LastUsed.stale(now)
}

// RecordUse keeps that someone of the account has called a service: as the last use of his role or of his access key.
// A use that is no news is not kept.
func (d *Draft) RecordUse(by Caller, service, region string) {
	if !d.UseIsNews(by, d.now) {
		return
	}
	use := &Access{d.now, service, region}
	if by.Role != nil {
		r, _ := d.Role(by.Role.Name)
		changed := *r
		changed.LastUsed = use
		d.setRole(&changed)
		return
	}
	k, _ := d.AccessKey(by.AccessKeyID)
	changed := *k
	changed.LastUsed = use
	d.setAccessKey(&changed)
}
