package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/policy"
)

// policyFiles reads the directory of policies that docs/deciding.md describes.
type policyFiles struct {
	fs fs.FS
}

// read reads everything. It refuses files that have no place in the directory, because a policy in a file with a
// misspelled name would silently not count.
func (f policyFiles) read() (*policy.Policies, error) {
	entries, err := fs.ReadDir(f.fs, ".")
	if err != nil {
		return nil, err
	}
	all := new(policy.Policies)
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") {
			err = errors.Join(err, f.add(all, entry))
		}
	}
	return all, err
}

// add adds what one entry of the directory holds.
func (f policyFiles) add(all *policy.Policies, entry fs.DirEntry) (err error) {
	name := entry.Name()
	role, isFile := strings.CutSuffix(name, ".json")
	kind := kindNames[role]
	limits := map[policy.Kind]**policy.Set{
		policy.IdentityPolicy: &all.Identity, policy.PermissionsBoundary: &all.Boundary,
		policy.SessionPolicy: &all.Session, policy.EndpointPolicy: &all.Endpoint,
	}
	limit := limits[kind]
	switch {
	case isFile == entry.IsDir():
		return fmt.Errorf("%s: %w", name, errNoPlace)
	case limit != nil:
		*limit, err = f.set(name, kind)
	case kind == policy.ServiceControlPolicy && !isFile:
		all.ServiceControl, err = f.path(name, kind)
	case kind == policy.ResourceControlPolicy && !isFile:
		all.ResourceControl, err = f.path(name, kind, policy.Attached{ID: "RCPFullAWSAccess", Policy: policy.RCPFullAWSAccess()})
	case slices.Contains([]policy.Kind{policy.ResourcePolicy, policy.TrustPolicy, policy.DelegationPolicy}, kind) && isFile:
		err = f.resource(all, name, kind)
	default:
		return fmt.Errorf("%s: %w", name, errNoPlace)
	}
	return err
}

var errNoPlace = errors.New("expected scp/LEVEL/*.json, rcp/LEVEL/*.json, identity.json, boundary.json, session.json or endpoint.json (or folders of these names), resource.json, trust.json or delegation.json")

// path reads a folder with a folder for each level, in the order of their names. Some policies are attached to every
// level: AWS attaches RCPFullAWSAccess wherever there are resource control policies, and it cannot be detached.
func (f policyFiles) path(folder string, kind policy.Kind, everywhere ...policy.Attached) (*policy.Path, error) {
	entries, err := fs.ReadDir(f.fs, folder)
	if err != nil {
		return nil, err
	}
	var levels []policy.Level
	for _, entry := range entries {
		name := path.Join(folder, entry.Name())
		if !entry.IsDir() {
			return nil, fmt.Errorf("%s: expected it in the folder of a level, such as %s/0-root/%s", name, folder, entry.Name())
		}
		policies, err := f.set(name, kind, everywhere...)
		if err != nil {
			return nil, err
		}
		levels = append(levels, policy.Level{Target: entry.Name(), Policies: policies})
	}
	return policy.NewPath(levels...), nil
}

// set reads a file, or all files of a folder, and adds more policies.
func (f policyFiles) set(name string, kind policy.Kind, more ...policy.Attached) (*policy.Set, error) {
	if strings.HasSuffix(name, ".json") {
		one, err := f.policy(name, kind)
		if err != nil {
			return nil, err
		}
		return policy.NewSet(one), nil
	}
	entries, err := fs.ReadDir(f.fs, name)
	var all []policy.Attached
	for _, entry := range entries {
		file := path.Join(name, entry.Name())
		if !strings.HasSuffix(file, ".json") {
			err = errors.Join(err, fmt.Errorf("%s: not a .json file", file))
			continue
		}
		one, defects := f.policy(file, kind)
		err = errors.Join(err, defects)
		all = append(all, one)
	}
	if err != nil {
		return nil, err
	}
	return policy.NewSet(append(all, more...)...), nil
}

// resource reads the policy of the resource.
func (f policyFiles) resource(all *policy.Policies, name string, kind policy.Kind) (err error) {
	if all.Resource != nil {
		return fmt.Errorf("%s: a resource has one policy, and there is %s already", name, all.Resource.Policies()[0].ID)
	}
	all.Resource, err = f.set(name, kind)
	return err
}

// policy reads and compiles a file. Its name becomes the id of the policy.
func (f policyFiles) policy(name string, kind policy.Kind) (policy.Attached, error) {
	text, err := fs.ReadFile(f.fs, name)
	if err != nil {
		return policy.Attached{}, err
	}
	document, err := policy.Parse(kind, text)
	if err != nil {
		return policy.Attached{}, fmt.Errorf("%s is not %s:\n%w", name, article(kind), err)
	}
	return policy.Attached{ID: name, Policy: policy.Compile(document)}, nil
}
