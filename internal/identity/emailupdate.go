package identity

import (
	"crypto/subtle"
	"strings"
	"time"
)

// EmailUpdate is a change of the root user's e-mail address that was asked for and waits for the code that the new
// address got.
type EmailUpdate struct {
	Email  string      `json:"email"`
	Code   []byte      `json:"code"`           // sealed
	Wrong  int         `json:"wrong,omitzero"` // how many other codes were tried
	Starts []time.Time `json:"starts"`         // when updates were asked for lately; the last one is this
}

const (
	// codePeriod is how long a code is good.
	codePeriod = 24 * time.Hour
	// codeAttempts is how many wrong codes may be tried.
	codeAttempts = 5
	// codeLength is the length of a code.
	codeLength = 6
	// AWS accepts so many requests for an update of an account's address in so much time:
	// https://docs.aws.amazon.com/accounts/latest/reference/quotas.html.
	emailUpdateRequests = 3
	emailUpdateWindow   = 30 * time.Second
)

// StartEmailUpdate asks for another e-mail address of the root user, in place of what was asked for before:
// [Draft.AcceptEmailUpdate] confirms it with the code that [Account.EmailUpdate] tells. It refuses an address that is none
// as ValidationError, the present one as EntityAlreadyExists, and more than three requests in thirty seconds as
// LimitExceeded.
func (d *Draft) StartEmailUpdate(email string, k *Keyring) error {
	p := d.Profile()
	if !validEmail(email) {
		return refuseField("primaryEmail", invalidEmail)
	}
	if strings.EqualFold(email, p.Email) {
		return refuse(EntityAlreadyExists, "The account has this e-mail address already.")
	}
	var starts []time.Time
	if p.EmailUpdate != nil {
		for _, start := range p.EmailUpdate.Starts {
			if d.now.Before(start.Add(emailUpdateWindow)) {
				starts = append(starts, start)
			}
		}
	}
	if len(starts) >= emailUpdateRequests {
		return refuse(LimitExceeded, "Too many updates of the e-mail address were started. Try again later.")
	}
	code, err := uniqueID(d.rand, "", codeLength)
	if err != nil {
		return err
	}
	sealed, err := k.Seal(sealOfCode(p.ID), []byte(code), d.rand)
	if err != nil {
		return err
	}
	p.EmailUpdate = &EmailUpdate{Email: email, Code: sealed, Starts: append(starts, d.now)}
	d.setProfile(p)
	return nil
}

// AcceptEmailUpdate gives the root user the e-mail address that was asked for, when the code is right. A wrong one is
// not accepted and counted: after five the update is over. It refuses, as NoSuchEntity, when no update waits, and an
// address that is not the one asked for as ValidationError. That no other account has the address is for the caller to
// see to.
func (d *Draft) AcceptEmailUpdate(email, code string, k *Keyring) (accepted bool, err error) {
	update, right, err := d.waitingUpdate(d.now, k)
	if err != nil {
		return false, err
	}
	if !strings.EqualFold(email, update.Email) {
		return false, refuseField("primaryEmail", "The e-mail address is not the one for which the update was started.")
	}
	p := d.Profile()
	if subtle.ConstantTimeCompare([]byte(right.Reveal()), []byte(code)) == 0 {
		tried := *update
		tried.Wrong++
		p.EmailUpdate = &tried
		d.setProfile(p)
		return false, nil
	}
	p.Email, p.EmailUpdate = update.Email, nil
	d.setProfile(p)
	return true, nil
}

// EmailUpdate returns the e-mail address that waits to be confirmed, with its code, and until when. It refuses, as
// NoSuchEntity, when none waits.
func (a *Account) EmailUpdate(now time.Time, k *Keyring) (email string, code Secret, until time.Time, err error) {
	update, code, err := a.waitingUpdate(now, k)
	if err != nil {
		return "", Secret{}, time.Time{}, err
	}
	return update.Email, code, update.ends(), nil
}

// waitingUpdate returns the update that can be accepted, with its code.
func (s *state) waitingUpdate(now time.Time, k *Keyring) (*EmailUpdate, Secret, error) {
	update := s.profile.EmailUpdate
	if update == nil || update.Wrong >= codeAttempts || !now.Before(update.ends()) {
		return nil, Secret{}, refuse(NoSuchEntity, "No update of the e-mail address waits to be accepted.")
	}
	code, err := k.Open(sealOfCode(s.profile.ID), update.Code)
	return update, NewSecret(string(code)), err
}

// ends is when the code is not good any more.
func (u *EmailUpdate) ends() time.Time { return u.Starts[len(u.Starts)-1].Add(codePeriod) }

// sealOfCode names the record that the code of an account is sealed for.
func sealOfCode(id AccountID) string { return "email-update/" + string(id) }
