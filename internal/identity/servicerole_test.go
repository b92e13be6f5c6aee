package identity

import (
	"strings"
	"testing"
)

func TestCreateServiceLinkedRoleRefuses(t *testing.T) {
	d := newDraft(t)
	const autoscaling = "autoscaling.amazonaws.com"
	r, err := d.CreateServiceLinkedRole(autoscaling, "web", "mine")
	must(t, err)
	if r.Name != "AWSServiceRoleForAutoScaling_web" || r.Description != "mine" {
		t.Errorf("got %+v", r)
	}
	_, err = d.CreateServiceLinkedRole(autoscaling, "", "")
	must(t, err)
	for _, c := range []struct {
		service, suffix, description string
		kind                         ErrorKind
		text                         string
	}{
		{autoscaling, "web", "", InvalidInput, "Service role name AWSServiceRoleForAutoScaling_web has been taken in this account, please try a different suffix."},
		{OrganizationsService, "x", "", InvalidInput, "Custom suffix is not allowed for organizations.amazonaws.com"},
		{"spoon.amazonaws.com", "", "", InvalidInput, "not supported"},
		{autoscaling, "b", strings.Repeat("x", 1001), ValidationError, "description"},
		{autoscaling, strings.Repeat("x", 64), "", ValidationError, "customSuffix"},
	} {
		unchanged(t, d, func() {
			_, err := d.CreateServiceLinkedRole(c.service, c.suffix, c.description)
			wantRefusal(t, err, c.kind, c.text)
		})
	}
}

func TestDeleteServiceLinkedRole(t *testing.T) {
	d := newPopulation(t)
	r, err := d.EnsureServiceLinkedRole(OrganizationsService)
	must(t, err)
	failed, err := d.DeleteServiceLinkedRole(r.Name, &RoleUsage{"in use", []string{"arn:aws:x"}})
	must(t, err)
	if !strings.HasPrefix(failed.ID, "task/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations/") || failed.Succeeded() || failed.Reason != "in use" {
		t.Errorf("got %+v", failed)
	}
	if _, ok := d.Role(r.Name); !ok {
		t.Error("a role that is needed is gone")
	}
	task, err := d.DeleteServiceLinkedRole("awsserviceroleFORorganizations", nil)
	must(t, err)
	if got, err := d.DeletionTask(task.ID); err != nil || got != task || !got.Succeeded() {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = d.DeletionTask(failed.ID)
	wantRefusal(t, err, NoSuchEntity, failed.ID)
	for _, id := range []string{"", "x", "task/a/b/c/d"} {
		_, err = d.DeletionTask(id)
		wantRefusal(t, err, InvalidInput, "not valid")
	}
	for _, name := range []string{r.Name, "Reader", "Nobody"} {
		_, err = d.DeleteServiceLinkedRole(name, nil)
		wantRefusal(t, err, NoSuchEntity, "The role with name "+name+" cannot be found.")
	}
}
