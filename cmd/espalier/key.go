package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// keyCommands are about the access keys of root users, users and services, whether or not the server is running.
type keyCommands struct {
	Create createKeyCommand `cmd:"" help:"Make an access key for a root user, a user or a service, and print it, this one time."`
	List   listKeysCommand  `cmd:"" help:"List the access keys of an account, or of services."`
	Delete deleteKeyCommand `cmd:"" help:"Delete an access key. It ends at once."`
}

// serviceCommands are about the access keys with which services call.
type serviceCommands struct {
	CreateKey createServiceKeyCommand `cmd:"" help:"Make an access key for a service, and print it, this one time."`
	ListKeys  listServiceKeysCommand  `cmd:"" help:"List the access keys of a service, or of all services."`
	DeleteKey deleteKeyCommand        `cmd:"" help:"Delete an access key. It ends at once."`
}

// newKeyFlags are those of commands that make an access key.
type newKeyFlags struct {
	databaseFlags
	Config string `type:"path" placeholder:"FILE" help:"Configuration of the server, which names services of your own and sets quotas. It is needed when no server runs."`
	Format string `enum:"text,json" default:"text" help:"How to print: ${enum}."`
}

type createKeyCommand struct {
	newKeyFlags
	Account string `xor:"holder" required:"" placeholder:"ID" help:"Account whose root user the key is for, or with --user one of its users."`
	User    string `placeholder:"NAME" help:"User of the account."`
	Service string `xor:"holder" required:"" placeholder:"PRINCIPAL" help:"Service that the key is for, such as garden.example.com."`
}

// Run makes an access key.
func (c *createKeyCommand) Run(t terminal) error {
	return c.create(t, ops.KeyHolder{Account: identity.AccountID(c.Account), User: c.User, Service: c.Service})
}

type createServiceKeyCommand struct {
	newKeyFlags
	Principal string `arg:"" help:"Principal of the service, such as garden.example.com."`
}

// Run makes an access key for a service.
func (c *createServiceKeyCommand) Run(t terminal) error {
	return c.create(t, ops.KeyHolder{Service: c.Principal})
}

// create makes an access key and prints it.
func (f newKeyFlags) create(t terminal, holder ops.KeyHolder) error {
	ctx := context.Background()
	settings, err := loadConfig(f.Config)
	if err != nil {
		return err
	}
	var key ops.IssuedKey
	err = f.ask(ctx, http.MethodPost, "keys", holder, &key, func(core ops.Core) (err error) {
		// The configuration says which services there are, and how many keys a user has.
		core.Registry.Quotas = &settings.Quotas.IAM
		core.Registry.Rules, core.ServiceRoles = settings.rules(f.Partition), settings.roles
		keys := ops.Keys{Core: core}
		key, err = keys.Create(ctx, holder)
		return inWords(err)
	})
	if err != nil {
		return err
	}
	if f.Format == "json" {
		return json.NewEncoder(t.out).Encode(key)
	}
	fmt.Fprintf(t.out, "access key id      %s\nsecret access key  %s\n", key.AccessKeyID, key.SecretAccessKey)
	return nil
}

// inWords says what a rule refuses as the server says it.
func inWords(err error) error {
	if refused, ok := errors.AsType[*identity.Error](err); ok {
		return errors.New(refused.Message)
	}
	if errors.Is(err, registry.ErrNotFound) {
		return errors.New("there is no such account")
	}
	return err
}

type listKeysCommand struct {
	listFlags
	Account string `xor:"holder" required:"" placeholder:"ID" help:"Account whose keys to list: those of its root user and of its users."`
	Service string `xor:"holder" required:"" placeholder:"PRINCIPAL" help:"Service whose keys to list."`
}

// Run lists access keys.
func (c *listKeysCommand) Run(t terminal) error {
	if c.Service != "" {
		return listServiceKeys(t, c.listFlags, c.Service)
	}
	return listKeys(t, c.listFlags, "accounts/"+url.PathEscape(c.Account)+"/keys", func(ctx context.Context, keys *ops.Keys) (ops.KeyList, error) {
		found, err := keys.OfAccount(ctx, c.Account)
		return found, inWords(err)
	})
}

type listServiceKeysCommand struct {
	listFlags
	Principal string `arg:"" optional:"" help:"Principal of a service; all services without it."`
}

// Run lists the access keys of services.
func (c *listServiceKeysCommand) Run(t terminal) error {
	return listServiceKeys(t, c.listFlags, c.Principal)
}

func listServiceKeys(t terminal, f listFlags, service string) error {
	path := "services/keys"
	if service != "" {
		path = "services/" + url.PathEscape(service) + "/keys"
	}
	return listKeys(t, f, path, func(ctx context.Context, keys *ops.Keys) (ops.KeyList, error) {
		return keys.OfService(ctx, service)
	})
}

// listKeys prints access keys, which the server shows at a path.
func listKeys(t terminal, f listFlags, path string, read func(context.Context, *ops.Keys) (ops.KeyList, error)) error {
	return list[ops.KeyList, ops.KeySummary]{
		path:  path,
		items: func(l ops.KeyList) ([]ops.KeySummary, string) { return l.Keys, "" },
		read: func(ctx context.Context, core ops.Core, _ string) (ops.KeyList, error) {
			return read(ctx, &ops.Keys{Core: core})
		},
	}.print(t, f, keyColumns)
}

func keyColumns(key ops.KeySummary) []string {
	holder, used := "root user", "never used"
	switch {
	case key.Service != "":
		holder, used = key.Service, "" // not known of services
	case key.User != "":
		holder = "user " + key.User
	}
	if !key.LastUsed.IsZero() {
		used = "used " + key.LastUsed.Format(time.RFC3339)
	}
	return []string{string(key.AccessKeyID), string(key.Status), holder, "created " + key.Created.Format(time.RFC3339), used}
}

type deleteKeyCommand struct {
	databaseFlags
	ID string `arg:"" help:"Id of the access key: AKIA…"`
}

// Run deletes an access key.
func (c *deleteKeyCommand) Run(terminal) error {
	ctx := context.Background()
	return c.ask(ctx, http.MethodDelete, "keys/"+url.PathEscape(c.ID), nil, &struct{}{}, func(core ops.Core) error {
		keys := ops.Keys{Core: core}
		return keys.Delete(ctx, c.ID)
	})
}
