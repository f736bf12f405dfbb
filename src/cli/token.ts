import { sourcedVolumes } from '../cluster/plane-volumes.js'
import { roughly } from '../lib/time.js'
import { createToken, deleteToken, listTokens } from '../operations/tokens.js'
import { table } from '../ui/format.js'
import { print, printSecret, tell } from '../ui/screen.js'
import { type Command, durationOf, inventoryOption, text } from './command.js'
import { endpointLine } from './endpoint-hint.js'
import { anyControlPlane, withSession } from './with-session.js'

export const tokenCommand: Command = {
  name: 'token',
  about: 'Bootstrap tokens, for joining hosts by hand with kubeadm.',
  example: 'kubestrap token create -i inventory.yaml --ttl 2h',
  run: async () => 0,
  children: [
    {
      name: 'create',
      about: 'Create a token and print the kubeadm join command.',
      example: 'kubestrap token create -i inventory.yaml --ttl 2h',
      options: {
        ...inventoryOption,
        ttl: {
          type: 'string',
          default: '24h',
          describe: 'time until the token expires: 30m, 24h, 7d',
          requiresArg: true,
        },
        description: { type: 'string', default: '', describe: 'description of the token', requiresArg: true },
        'control-plane': {
          type: 'boolean',
          default: false,
          describe:
            "for a control plane node: uploads the cluster's keys for 2 h, encrypted with the key in the printed command",
        },
      },
      run: async (values) => {
        const ttlMs = durationOf(values, 'ttl', '30m, 24h or 7d')
        const { line, spec } = await withSession(
          values,
          async (context, spec) => ({
            spec,
            line: await createToken(context, {
              ttlMs,
              description: text(values, 'description'),
              controlPlane: values['control-plane'] === true,
            }),
          }),
          anyControlPlane,
        )
        // the one line that shows a token: it is what was asked for
        printSecret(line)
        const known = endpointLine(spec)
        if (known !== undefined)
          tell(
            `note: nodes know ${spec.endpoint.host} by their /etc/hosts. On the machine that joins, first: echo '${known}' >>/etc/hosts\n`,
          )
        const files = values['control-plane'] === true ? sourcedVolumes(spec) : []
        if (files.length > 0)
          tell(
            `note: kubeadm mounts files of extraVolumes but does not copy them. On the machine that joins, first: ${files.map(({ hostPath }) => hostPath).join(', ')}\n`,
          )
        return 0
      },
    },
    {
      name: 'list',
      about: 'List tokens by ID; secrets are not shown.',
      example: 'kubestrap token list -i inventory.yaml',
      options: inventoryOption,
      run: async (values) => {
        const tokens = await withSession(values, listTokens, anyControlPlane)
        const rows = tokens.map(({ id, expires, usages, description }) => [
          id,
          expires === '' ? 'never' : roughly(Date.parse(expires) - Date.now()),
          expires || '-',
          usages.join(',') || '-',
          description || '-',
        ])
        print(
          rows.length === 0
            ? 'No tokens.\n'
            : `${table([['ID', 'TTL', 'EXPIRES', 'USAGES', 'DESCRIPTION'], ...rows])}\n`,
        )
        return 0
      },
    },
    {
      name: 'delete <token>',
      about: 'Delete a token.',
      example: 'kubestrap token delete -i inventory.yaml abcdef',
      options: inventoryOption,
      positionals: { token: { type: 'string', describe: 'ID of the token', demandOption: true } },
      run: async (values) => {
        const id = await withSession(
          values,
          (context) => deleteToken(context, text(values, 'token')),
          anyControlPlane,
        )
        print(`token ${id} deleted\n`)
        return 0
      },
    },
  ],
}
