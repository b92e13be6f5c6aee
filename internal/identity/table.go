package identity

import (
	"iter"
	"strings"

	"github.com/tidwall/btree"
)

// A table holds the entities of one kind by their keys. Its values are never modified, only replaced.
type table[V linked] = btree.Map[string, V]

// linked is an entity that may refer to others: a user to the policies attached to him and to his groups.
type linked interface {
	// links returns what the entity refers to; key is its own.
	links(key string) []link
}

// A link is one entity referring to another. The account keeps the links of all its entities in one ordered set, so that
// what refers to an entity is found without looking at all others.
type link struct {
	relation relation
	to       string // the key of what is referred to: an ARN for a managed policy
	kind     string // of the entity that refers
	from     string // the key of the entity that refers
}

type relation string

const (
	attached relation = "attached" // a managed policy to a user, group or role
	bounds   relation = "bounds"   // a managed policy a user or role
	contains relation = "contains" // a group a user
	owns     relation = "owns"     // a principal an access key
	serves   relation = "serves"   // the account a service-linked role
)

const linkSeparator = "\x00" // in no name, path or ARN

func (l link) String() string {
	return strings.Join([]string{string(l.relation), l.to, l.kind, l.from}, linkSeparator)
}

// place names the link among those to the same entity.
func (l link) place() string {
	return strings.Join([]string{string(l.relation), l.kind, l.from}, linkSeparator)
}

// referrers yields the links to an entity, those of one kind of referrers only when kind is not empty, in the order of
// the referrers' kinds and keys, from behind one.
func (s *state) referrers(r relation, to, kind, after string) iter.Seq[link] {
	return func(yield func(link) bool) {
		prefix := string(r) + linkSeparator + to + linkSeparator
		if kind != "" {
			prefix += kind + linkSeparator
		}
		from := prefix + after
		s.links.Ascend(from, func(text string) bool {
			if !strings.HasPrefix(text, prefix) {
				return false
			}
			if after != "" && text == from {
				return true
			}
			parts := strings.Split(text, linkSeparator)
			return yield(link{r, to, parts[2], parts[3]})
		})
	}
}

// referrerCount returns how many links there are to an entity.
func (s *state) referrerCount(r relation, to string) int {
	n := 0
	for range s.referrers(r, to, "", "") {
		n++
	}
	return n
}

// setIn adds an entity to its table, or replaces it, with its links.
func setIn[V linked](s *state, t *table[V], key string, v V) {
	old, replaced := t.Set(key, v)
	if replaced {
		s.unlink(old.links(key))
	}
	for _, l := range v.links(key) {
		s.links.Insert(l.String())
	}
}

// removeFrom deletes an entity from its table, with its links.
func removeFrom[V linked](s *state, t *table[V], key string) {
	if old, found := t.Delete(key); found {
		s.unlink(old.links(key))
	}
}

func (s *state) unlink(links []link) {
	for _, l := range links {
		s.links.Delete(l.String())
	}
}

// walk yields the entities of a table by their keys, from behind one.
func walk[V linked](t *table[V], after string) iter.Seq[V] {
	return func(yield func(V) bool) {
		t.Ascend(after, func(key string, v V) bool { return key == after && after != "" || yield(v) })
	}
}

// nameKey is the key of a name: IAM does not distinguish names by case, and allows only ASCII in them.
func nameKey(name string) string { return strings.ToLower(name) }
