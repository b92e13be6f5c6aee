package org

import (
	"iter"
	"slices"
	"testing"
)

func TestTree(t *testing.T) {
	d := founded(t)
	root := ParentID(d.root.ID)
	a := unit(t, d, root, "A")
	b := unit(t, d, a, "B")
	grown(t, d, "222222222222")
	must(t, d.MoveAccount("222222222222", root, b))

	for child, want := range map[ChildID]ParentID{ChildID(a): root, ChildID(b): a, "222222222222": b, ChildID(management.ID): root} {
		if got, err := d.Parent(child); err != nil || got != want {
			t.Errorf("parent of %s: %v %v, want %v", child, got, err, want)
		}
	}
	for _, child := range []ChildID{"999999999999", "ou-xxxx-xxxxxxxx", ChildID(root)} {
		_, err := d.Parent(child)
		refused(t, err, ChildNotFound, "")
	}
	if root.Type() != ParentRoot || a.Type() != ParentOU {
		t.Errorf("types: %s %s", root.Type(), a.Type())
	}
	for _, c := range []struct {
		parent ParentID
		of     ChildType
		want   []ChildID
	}{
		{root, ChildAccount, []ChildID{ChildID(management.ID)}},
		{root, ChildOU, []ChildID{ChildID(a)}},
		{a, ChildAccount, nil},
		{a, ChildOU, []ChildID{ChildID(b)}},
		{b, ChildAccount, []ChildID{"222222222222"}},
		{b, ChildOU, nil},
	} {
		children, err := d.Children(c.parent, c.of, "")
		must(t, err)
		if got := values(children); !slices.Equal(got, c.want) {
			t.Errorf("%s below %s: %v, want %v", c.of, c.parent, got, c.want)
		}
	}
	for _, of := range []ChildType{ChildAccount, ChildOU} {
		_, err := d.Children("ou-xxxx-xxxxxxxx", of, "")
		refused(t, err, ParentNotFound, "")
	}
	_, err := d.AccountsForParent("r-xxxx", "")
	refused(t, err, ParentNotFound, "")
}

func TestListsByPages(t *testing.T) {
	d := founded(t)
	root := ParentID(d.root.ID)
	var accounts, units []ChildID
	accounts = append(accounts, ChildID(management.ID))
	for _, name := range []string{"9", "1", "5", "3", "7"} { // not in the order of ids or names
		later(d, 1000)
		accounts = append(accounts, ChildID(grown(t, d, AccountID("22222222222"+name)).ID))
		units = append(units, ChildID(unit(t, d, root, name)))
	}
	for size := 1; size <= 7; size++ {
		for of, want := range map[ChildType][]ChildID{ChildAccount: accounts, ChildOU: units} {
			got := pages(size, func(after Cursor) iter.Seq2[Cursor, ChildID] {
				list, err := d.Children(root, of, after)
				must(t, err)
				return list
			})
			if !slices.Equal(got, want) {
				t.Errorf("%s by %d: %v, want %v", of, size, got, want)
			}
		}
		all := pages(size, d.Accounts)
		if !slices.EqualFunc(all, accounts, func(a *Account, id ChildID) bool { return ChildID(a.ID) == id }) {
			t.Errorf("accounts by %d: %v", size, all)
		}
	}
}

func TestCursorOutlivesItsElement(t *testing.T) {
	d := founded(t)
	for _, id := range []AccountID{"222222222222", "333333333333", "444444444444"} {
		later(d, 1000)
		invited(d, id)
	}
	var after Cursor
	for cursor, account := range d.Accounts("") {
		if after = cursor; account.ID == "333333333333" {
			break
		}
	}
	must(t, d.RemoveAccount("333333333333"))
	if rest := values(d.Accounts(after)); len(rest) != 1 || rest[0].ID != "444444444444" {
		t.Errorf("behind a removed account: %v", rest)
	}
}

func TestPathsAndARNs(t *testing.T) {
	d := founded(t)
	root := ParentID(d.root.ID)
	a := unit(t, d, root, "A")
	b := unit(t, d, a, "B")
	grown(t, d, "222222222222")
	account, err := d.Account("222222222222")
	must(t, err)
	place := string(d.settings.ID) + "/" + string(root) + "/"
	if got := d.AccountPath(account); got != place+"222222222222/" {
		t.Errorf("path at the root: %s", got)
	}
	must(t, d.MoveAccount("222222222222", root, b))
	account, err = d.Account("222222222222")
	must(t, err)
	ou, err := d.OrganizationalUnit(OUID(b))
	must(t, err)
	for got, want := range map[string]string{
		d.AccountPath(account): place + string(a) + "/" + string(b) + "/222222222222/",
		d.UnitPath(ou):         place + string(a) + "/" + string(b) + "/",
		d.ParentPath(root):     place,
	} {
		if got != want {
			t.Errorf("path %s, want %s", got, want)
		}
	}

	own := "arn:aws:organizations::111111111111:"
	o := string(d.settings.ID)
	policy := &Policy{ID: "p-abcdefghij", Type: TagPolicy}
	managed := &Policy{ID: "p-FullAWSAccess", Type: ServiceControlPolicy, AWSManaged: true}
	for got, want := range map[string]string{
		d.ARN():                              own + "organization/" + o,
		d.RootARN():                          own + "root/" + o + "/" + string(root),
		d.UnitARN(OUID(a)):                   own + "ou/" + o + "/" + string(a),
		d.AccountARN("222222222222"):         own + "account/" + o + "/222222222222",
		d.ResourcePolicyARN("rp-abcdefgh"):   own + "resourcepolicy/" + o + "/rp-abcdefgh",
		d.PolicyARN(policy):                  own + "policy/" + o + "/tag_policy/p-abcdefghij",
		d.PoliciesARN(BackupPolicy):          own + "policy/" + o + "/backup_policy/*",
		d.PolicyARN(managed):                 "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
		d.TargetARN(TargetID(root)):          d.RootARN(),
		d.TargetARN(TargetID(b)):             d.UnitARN(OUID(b)),
		d.TargetARN(TargetID(management.ID)): d.AccountARN(management.ID),
	} {
		if got != want {
			t.Errorf("ARN %s, want %s", got, want)
		}
	}
}

func TestARNsOfOtherPartitions(t *testing.T) {
	rules := AWSRules()
	rules.Partition = "aws-cn"
	d := foundedBy(t, rules)
	if got, want := d.ARN(), "arn:aws-cn:organizations::111111111111:organization/"+string(d.settings.ID); got != want {
		t.Errorf("ARN %s, want %s", got, want)
	}
}

func TestResourceARN(t *testing.T) {
	d := founded(t)
	policy, err := d.CreatePolicy(TagPolicy, "P", "", documentOf(TagPolicy), nil)
	must(t, err)
	for id, want := range map[ResourceID]string{
		ResourceID(d.root.ID):        d.RootARN(),
		ResourceID(management.ID):    d.AccountARN(management.ID),
		"ou-abcd-12345678":           d.UnitARN("ou-abcd-12345678"),
		"rp-abcdefgh":                d.ResourcePolicyARN("rp-abcdefgh"),
		ResourceID(policy.ID):        d.PolicyARN(policy),
		ResourceID(fullAWSAccess.ID): d.PolicyARN(fullAWSAccess),
		"p-0000000000":               "arn:aws:organizations::111111111111:policy/" + string(d.settings.ID) + "/*/p-0000000000",
	} {
		if got := d.ResourceARN(id); got != want {
			t.Errorf("ARN of %s: %s, want %s", id, got, want)
		}
	}
}
