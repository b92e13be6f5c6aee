package identity

import (
	"strings"
	"time"
)

// DeletionTask is the deletion of a service-linked role, which AWS leaves to the service.
type DeletionTask struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	Reason  string    `json:"reason,omitzero"` // why the service did not let it go; empty when the role is deleted
	Usage   []string  `json:"usage,omitzero"`  // ARNs of what still needs the role
}

func (t *DeletionTask) links(string) []link { return nil }

// Succeeded reports whether the role was deleted.
func (t *DeletionTask) Succeeded() bool { return t.Reason == "" }

// RoleUsage is why a service still needs its role.
type RoleUsage struct {
	Reason    string
	Resources []string // ARNs
}

// DeleteServiceLinkedRole deletes a service's role with its policies, unless the service still needs it: usage says
// why, and is nil when it does not. The outcome is kept until a role of that name is to be deleted again. It refuses a
// name that is no service-linked role's as NoSuchEntity.
func (d *Draft) DeleteServiceLinkedRole(name string, usage *RoleUsage) (*DeletionTask, error) {
	r, ok := d.Role(name)
	if !ok || !r.ServiceLinked() {
		return nil, RoleNamed(name).missing()
	}
	id, err := uniqueID(d.rand, "", 26)
	if err != nil {
		return nil, err
	}
	task := &DeletionTask{ID: "task" + r.Path + r.Name + "/" + strings.ToLower(id), Created: d.now}
	if usage != nil {
		task.Reason, task.Usage = usage.Reason, usage.Resources
	} else {
		d.removeRole(r)
	}
	setIn(&d.state, d.tasks, nameKey(r.Name), task)
	d.touch(KindDeletionTask, nameKey(r.Name))
	return task, nil
}

// DeletionTask returns the deletion of that id. It refuses an id that is no task's form as InvalidInput, and one that no
// task has as NoSuchEntity.
func (s *state) DeletionTask(id string) (*DeletionTask, error) {
	parts := strings.Split(id, "/")
	if len(parts) != 5 || parts[0] != "task" || "/"+parts[1]+"/" != serviceRolePath {
		return nil, refuse(InvalidInput, "The deletion task id %s is not valid.", id)
	}
	task, ok := s.tasks.Get(nameKey(parts[3]))
	if !ok || task.ID != id {
		return nil, refuse(NoSuchEntity, "The deletion task with id %s cannot be found.", id)
	}
	return task, nil
}
