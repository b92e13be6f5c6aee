package org

import (
	"fmt"
	"iter"
	"regexp"
	"slices"
	"testing"
)

func TestCreateAccount(t *testing.T) {
	d := founded(t)
	creation, err := d.CreateAccount(NewAccount{Email: "new@example.com", Name: "New", Tags: Tags{{"team", "a"}, {"cost", "1"}}})
	must(t, err)
	if !regexp.MustCompile(`^car-[0-9a-f]{32}$`).MatchString(string(creation.ID)) {
		t.Errorf("id %s", creation.ID)
	}
	if creation.State != CreationInProgress || creation.RoleName != DefaultRoleName || !creation.Requested.Equal(day0) || !creation.Completed.IsZero() || creation.Account != "" {
		t.Errorf("creation: %+v", creation)
	}
	if n := len(values(d.Accounts(""))); n != 1 {
		t.Errorf("%d accounts before the creation is finished", n)
	}

	later(d, 7)
	account, err := d.FinishCreation(creation.ID, "222222222222", "")
	must(t, err)
	if account.Parent != ParentID(d.root.ID) || account.State != Active || account.JoinedMethod != Created || account.Joined != d.now ||
		account.Name != "New" || account.Email != "new@example.com" || !slices.Equal(account.Tags, Tags{{"cost", "1"}, {"team", "a"}}) {
		t.Errorf("account: %+v", account)
	}
	done, err := d.Creation(creation.ID)
	must(t, err)
	if done.State != CreationSucceeded || done.Account != "222222222222" || done.Completed != d.now || done.FailureReason != "" {
		t.Errorf("creation: %+v", done)
	}
}

func TestCreateAccountRefusals(t *testing.T) {
	good := NewAccount{Email: "new@example.com", Name: "New"}
	for _, c := range []struct {
		name   string
		change func(*NewAccount, *Rules)
		kind   Kind
		reason Reason
	}{
		{"GovCloud", func(_ *NewAccount, r *Rules) { r.Partition = PartitionGovCloud }, UnsupportedAPIEndpoint, ""},
		{"e-mail", func(a *NewAccount, _ *Rules) { a.Email = "new@example" }, InvalidInput, "INVALID_PATTERN:EMAIL"},
		{"role name in another case", func(a *NewAccount, _ *Rules) { a.RoleName = "awsserviceroleFORme" }, InvalidInput, "INVALID_ROLE_NAME"},
		{"role name", func(a *NewAccount, _ *Rules) { a.RoleName = "AWSServiceRoleForMe" }, InvalidInput, "INVALID_ROLE_NAME"},
		{"tag twice", func(a *NewAccount, _ *Rules) { a.Tags = Tags{{"k", "1"}, {"k", "2"}} }, InvalidInput, "DUPLICATE_TAG_KEY"},
		{"reserved tag", func(a *NewAccount, _ *Rules) { a.Tags = Tags{{"aws:k", "1"}} }, InvalidInput, "INVALID_SYSTEM_TAGS_PARAMETER"},
		{"too many tags", func(a *NewAccount, r *Rules) { r.Tags = 0; a.Tags = Tags{{"k", "1"}} }, ConstraintViolation, "MAX_TAG_LIMIT_EXCEEDED"},
		{"quota", func(_ *NewAccount, r *Rules) { r.Accounts = 1 }, ConstraintViolation, "ACCOUNT_NUMBER_LIMIT_EXCEEDED"},
		{"in flight", func(_ *NewAccount, r *Rules) { r.ConcurrentCreations = 0 }, TooManyRequests, RequestInProgress},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules, in := AWSRules(), good
			c.change(&in, rules)
			d := foundedBy(t, rules)
			changes := len(d.Changes())
			_, err := d.CreateAccount(in)
			refused(t, err, c.kind, c.reason)
			if len(d.Changes()) != changes {
				t.Error("a refused rule changed something")
			}
		})
	}
}

func TestCreationsInFlight(t *testing.T) {
	rules := AWSRules()
	rules.Accounts = 8
	d := foundedBy(t, rules)
	var ids []CreationID
	for i := range 5 {
		creation, err := d.CreateAccount(NewAccount{Email: fmt.Sprintf("%d@example.com", i), Name: "New"})
		must(t, err)
		ids = append(ids, creation.ID)
	}
	another := func() error {
		_, err := d.CreateAccount(NewAccount{Email: "6@example.com", Name: "New"})
		return err
	}
	refused(t, another(), TooManyRequests, RequestInProgress)
	for i, id := range ids[:4] {
		_, err := d.FinishCreation(id, AccountID(fmt.Sprintf("22222222222%d", i)), "")
		must(t, err)
	}
	// Five accounts and one creation in flight: two more fit in.
	must(t, another())
	must(t, another())
	refused(t, another(), ConstraintViolation, "ACCOUNT_NUMBER_LIMIT_EXCEEDED")
	must(t, d.FailCreation(ids[4], EmailAlreadyExists))
	must(t, another())
}

func TestCreationEndsOnce(t *testing.T) {
	d := founded(t)
	_, err := d.FinishCreation("car-00", "222222222222", "")
	refused(t, err, CreateAccountStatusNotFound, "")
	refused(t, d.FailCreation("car-00", InternalFailure), CreateAccountStatusNotFound, "")

	creation, err := d.CreateAccount(NewAccount{Email: "new@example.com", Name: "New", RoleName: "Admin"})
	must(t, err)
	_, err = d.FinishCreation(creation.ID, management.ID, "")
	refused(t, err, DuplicateAccount, "")
	must(t, d.FailCreation(creation.ID, EmailAlreadyExists))
	failed, err := d.Creation(creation.ID)
	must(t, err)
	if failed.State != CreationFailed || failed.FailureReason != EmailAlreadyExists || !failed.Completed.Equal(d.now) || failed.RoleName != "Admin" || failed.Account != "" {
		t.Errorf("creation: %+v", failed)
	}
	_, err = d.FinishCreation(creation.ID, "222222222222", "")
	refused(t, err, Conflict, "")
	refused(t, d.FailCreation(creation.ID, InternalFailure), Conflict, "")
}

func TestCreationsList(t *testing.T) {
	d := founded(t)
	states := []CreationState{CreationSucceeded, CreationFailed, CreationInProgress, CreationSucceeded, CreationFailed, CreationInProgress}
	var ids []CreationID
	for i, state := range states {
		later(d, 1000)
		creation, err := d.CreateAccount(NewAccount{Email: fmt.Sprintf("%d@example.com", i), Name: "New"})
		must(t, err)
		ids = append(ids, creation.ID)
		switch state {
		case CreationSucceeded:
			_, err = d.FinishCreation(creation.ID, AccountID(fmt.Sprintf("22222222222%d", i)), "")
		case CreationFailed:
			err = d.FailCreation(creation.ID, InternalFailure)
		}
		must(t, err)
	}
	for _, filter := range [][]CreationState{
		nil, {CreationInProgress}, {CreationSucceeded}, {CreationFailed, CreationSucceeded}, {CreationFailed, CreationFailed},
		{CreationFailed, CreationSucceeded, CreationInProgress},
	} {
		var want []CreationID
		for i, state := range states {
			if filter == nil || slices.Contains(filter, state) {
				want = append(want, ids[i])
			}
		}
		for size := 1; size <= 7; size++ {
			var got []CreationID
			for _, creation := range pages(size, func(after Cursor) iter.Seq2[Cursor, *Creation] {
				list, err := d.Creations(filter, after)
				must(t, err)
				return list
			}) {
				got = append(got, creation.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v by %d: %v, want %v", filter, size, got, want)
			}
		}
	}
}

func TestCreationsInGovCloud(t *testing.T) {
	rules := AWSRules()
	rules.Partition = PartitionGovCloud
	d := foundedBy(t, rules)
	_, err := d.Creation("car-00")
	refused(t, err, UnsupportedAPIEndpoint, "")
	_, err = d.Creations(nil, "")
	refused(t, err, UnsupportedAPIEndpoint, "")
	_, err = d.FinishCreation("car-00", "222222222222", "")
	refused(t, err, UnsupportedAPIEndpoint, "")
}
