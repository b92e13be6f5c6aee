package identity

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// managedPolicies holds one file for each policy that AWS manages, after
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html.
//
//go:embed awspolicies/*.json
var managedPolicies embed.FS

// policiesOfAWS returns the policies that AWS manages in a partition by their names, each with its path but for the first
// slash.
func policiesOfAWS(p Partition) map[string]*Policy { return policiesByPartition[p]() }

var policiesByPartition = map[Partition]func() map[string]*Policy{
	PartitionAWS:      sync.OnceValue(func() map[string]*Policy { return readPoliciesOfAWS(PartitionAWS) }),
	PartitionChina:    sync.OnceValue(func() map[string]*Policy { return readPoliciesOfAWS(PartitionChina) }),
	PartitionGovCloud: sync.OnceValue(func() map[string]*Policy { return readPoliciesOfAWS(PartitionGovCloud) }),
}

func readPoliciesOfAWS(p Partition) map[string]*Policy {
	files, err := managedPolicies.ReadDir("awspolicies")
	if err != nil {
		panic(err) // the files are a part of the program
	}
	policies := make(map[string]*Policy, len(files))
	for _, file := range files {
		text, err := managedPolicies.ReadFile("awspolicies/" + file.Name())
		if err != nil {
			panic(err)
		}
		text = bytes.ReplaceAll(text, []byte("arn:aws:"), []byte("arn:"+p+":"))
		policy, err := parsePolicyOfAWS(strings.TrimSuffix(file.Name(), ".json"), text)
		if err != nil {
			panic(err)
		}
		policies[policy.Path[1:]+policy.Name] = policy
	}
	return policies
}

// parsePolicyOfAWS reads a file about a policy: what is worth knowing of it, and the document of its latest version.
func parsePolicyOfAWS(name string, text []byte) (*Policy, error) {
	var file struct {
		Path        string
		ID          PolicyID
		Description string
		Created     time.Time
		Updated     time.Time
		Version     int
		Document    json.RawMessage
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("identity: managed policy %s: %w", name, err)
	}
	return &Policy{
		Name: name, Path: file.Path, ID: file.ID, Description: file.Description, Created: file.Created, Updated: file.Updated,
		Default: file.Version, Latest: file.Version, ByAWS: true,
		Versions: []PolicyVersion{{file.Version, string(file.Document), file.Updated}},
	}, nil
}

// PoliciesOfAWS yields the policies that AWS manages in the account's partition whose path begins with pathPrefix and whose name comes after the
// name after, in the order of their lower-case names.
func (s *state) PoliciesOfAWS(pathPrefix, after string) iter.Seq[*Policy] {
	return func(yield func(*Policy) bool) {
		byName := slices.SortedFunc(maps.Values(policiesOfAWS(s.Partition())), func(a, b *Policy) int {
			return strings.Compare(nameKey(a.Name), nameKey(b.Name))
		})
		for _, p := range byName {
			if nameKey(p.Name) > nameKey(after) && strings.HasPrefix(p.Path, pathPrefix) && !yield(p) {
				return
			}
		}
	}
}
