import assert from 'node:assert/strict';
import { loadAll } from 'js-yaml';
import type { CheckedExperiment } from '../../runner/check-definitions.ts';
import { covers } from '../../runner/cluster/access.ts';
import { ClusterError } from '../../runner/cluster/errors.ts';
import { createFindResource } from '../../runner/cluster/kinds.ts';
import { buildSetup } from '../../runner/lifecycle/setup-jobs.ts';
import { OPEN_ACCESS } from '../../runner/metrics/access/metric-access.ts';
import { PreflightFailed } from '../../runner/model/errors.ts';
import type { Experiment, Metric } from '../../runner/model/experiment.ts';
import { preflight } from '../../runner/preflight.ts';
import type { RunEvent } from '../../runner/progress/events.ts';
import type { FoundSlots } from '../../runner/slots/find-slots.ts';
import type { NamespaceSettings } from '../../runner/slots/plan-namespace.ts';
import { aMetric, anExperiment } from '../support/builders.ts';
import { repositoryOf } from '../support/repository-of.ts';
import { aRenderedTrial, aSetupTask, aTrial, aTrialTemplate } from '../support/trials.ts';

const { signal } = new AbortController();
const WORK = [aCheckedExperiment('sizing')];
const DATADOG: Metric = { ...aMetric('cpu'), type: 'datadog', query: 'q', aggregator: 'avg', delay: 0 };

const NOW = new Date('2026-01-01T10:00:00Z');

/** `refuse` answers dry runs. */
type Server = { version: string; time: Date | undefined; refuse: (kind: string) => object };

const ORDINARY: Partial<Server> = {};
const NO_ROLES: NamespaceSettings = { labels: {} };
const UNKNOWN: Parameters<typeof createFindResource>[0] = async () => undefined;
const EVERYTHING = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
const NO_JOBS = [
  { verbs: ['*'], apiGroups: ['', 'coordination.k8s.io'], resources: ['*'] },
  { verbs: ['get', 'list', 'watch'], apiGroups: ['batch'], resources: ['jobs'] },
];

function aCheckedExperiment(name: string, metrics: Metric[] = [aMetric('one')], fields: Partial<Experiment> = {}): CheckedExperiment {
  const loaded = { locate: () => ({ file: `experiments/${name}/experiment.yaml`, line: 9 }) };
  const experiment = anExperiment({ name, metrics, ...fields });
  const source = { experiment, ...loaded, files: repositoryOf({}), image: 'fieldtrial:test', timeouts: {} };
  return { experiment, sample: aRenderedTrial({ metrics }), source, loaded } as unknown as CheckedExperiment;
}

function foundSlots(fields: Partial<FoundSlots> = {}): FoundSlots {
  const all = fields.all ?? ['shop-1', 'shop-2'];
  return {
    all,
    candidates: new Map([['sizing', all]]),
    left: [],
    missing: [],
    made: [],
    unlisted: [],
    unseen: new Map(),
    seen: new Map(),
    unfinished: [],
    ...fields,
  };
}

/** A cluster that grants in each namespace, and in all of them ('') what it is told, and takes us for this user. */
function aCluster(
  granted: Record<string, object[]>,
  username?: string,
  { version = 'v1.36.3', time = NOW, refuse = () => ({}) }: Partial<Server> = {},
) {
  return {
    read: async () => undefined,
    patch: async (): Promise<any> => ({}),
    version: async () => version,
    time: async () => time,
    async create({ kind, spec }: any, _signal: AbortSignal, { dryRun = false } = {}): Promise<any> {
      if (dryRun) return refuse(kind);
      if (kind === 'SelfSubjectReview') return { status: { userInfo: { username } } };
      if (kind === 'SelfSubjectRulesReview') return { status: { resourceRules: granted[spec.namespace] ?? [] } };
      const { verb, group, resource, namespace, name } = spec.resourceAttributes;
      const everywhere = namespace === undefined ? (granted[''] ?? []) : [];
      return { status: { allowed: everywhere.some((rule: any) => covers(rule, { verb, apiGroup: group, resource, name })) } };
    },
  };
}

describe('the preflight', () => {
  /** All but the report. */
  let events: RunEvent[];
  let report: Extract<RunEvent, { type: 'preflight-finished' }> | undefined;

  beforeEach(() => {
    events = [];
  });

  function check(
    granted: Record<string, object[]>,
    slots = foundSlots(),
    {
      work = WORK,
      username = 'ada',
      checkPush = () => Promise.resolve(),
      metricAccess = OPEN_ACCESS,
      server = ORDINARY,
      namespaces = NO_ROLES,
      discover = UNKNOWN,
      everySlot = false,
    } = {},
  ) {
    const emit = (event: RunEvent) => void events.push(event);
    return preflight(
      work,
      slots,
      {
        namespace: 'runner',
        cluster: aCluster({ runner: EVERYTHING, ...granted }, username, server),
        findResource: createFindResource(discover),
        clock: { now: () => NOW },
        ledger: { checkPush, branch: 'fieldtrial/results' },
        emit: (event) => (event.type === 'preflight-finished' ? (report = event) : emit(event)),
        metricAccess,
        namespaces,
        everySlot,
      },
      signal,
    );
  }

  async function refusal(checking: Promise<unknown>): Promise<string> {
    const error: unknown = await checking.then(
      () => assert.fail('it passed'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof PreflightFailed);
    return error.message;
  }

  const rolesIn = (message: string): any[] => loadAll(message.slice(message.indexOf('\n')));

  it('finds the slots usable that grant everything', async () => {
    const { usable } = await check({ 'shop-1': EVERYTHING, 'shop-2': EVERYTHING });

    assert.deepEqual(usable, ['shop-1', 'shop-2']);
    assert.deepEqual(events, []);
  });

  it('leaves out an experiment whose namespaceSelector may not look, and says what it takes', async () => {
    const candidates = new Map([
      ['sizing', []],
      ['other', ['shop-1']],
    ]);
    const work = [...WORK, aCheckedExperiment('other')];

    const { usable } = await check({ 'shop-1': EVERYTHING }, foundSlots({ candidates, unlisted: ['sizing'] }), { work });

    assert.deepEqual(usable, ['shop-1']);
    const message =
      'the runner may not look for what its namespaceSelector selects; grant it a ClusterRole with: list namespaces; ' +
      'or name the slots, such as --slots shop-1,shop-2';
    assert.deepEqual(events, [{ type: 'experiment-skipped', experiment: 'sizing', reason: 'NoSlot', message }]);
  });

  it('gives the ClusterRole that lists namespaces where nothing is left without it', async () => {
    const message = await refusal(check({}, foundSlots({ all: [], unlisted: ['sizing'] })));

    assert.match(message, /^permissions are missing in the whole cluster \(to find what the namespaceSelector of sizing selects\); apply/);
    const [role, binding] = rolesIn(message);
    assert.equal(role.kind, 'ClusterRole');
    assert.deepEqual(role.rules, [{ apiGroups: [''], resources: ['namespaces'], verbs: ['list'] }]);
    assert.equal(binding.kind, 'ClusterRoleBinding');
  });

  it('leaves out a slot whose labels it may not see, where a namespaceSelector asks for some', async () => {
    const unseen = new Map([['sizing', ['shop-1']]]);

    const { usable } = await check({ 'shop-1': EVERYTHING, 'shop-2': EVERYTHING }, foundSlots({ unseen }));

    assert.deepEqual(usable, ['shop-2']);
    assert.deepEqual(events, [
      { type: 'slot-skipped', slot: 'shop-1', reason: 'MissingPermissions', message: 'permissions are missing: get namespaces' },
    ]);
  });

  it('gives the Role to see the labels of a namespace, and a ClusterRole for one that may have to be made', async () => {
    const namespaceTemplate = { prefix: 'shop-', labels: {}, annotations: {} };
    const work = [aCheckedExperiment('making', [aMetric('one')], { namespaceTemplate }), ...WORK];
    const kinds = async (experiment: string) => {
      const candidates = new Map([[experiment, ['shop-1']]]);
      const slots = foundSlots({ all: ['shop-1'], candidates, unseen: candidates });
      return rolesIn(await refusal(check({ 'shop-1': EVERYTHING }, slots, { work }))).filter(({ roleRef }) => roleRef === undefined);
    };

    const [role] = await kinds('sizing');
    const [clusterRole] = await kinds('making');

    assert.deepEqual([role.kind, clusterRole.kind], ['Role', 'ClusterRole']);
    assert.deepEqual(role.rules, [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get'] }]);
    assert.deepEqual(clusterRole.rules, role.rules);
  });

  describe('of a custom kind', () => {
    const WITHOUT_CUSTOM = [{ verbs: ['*'], apiGroups: ['', 'apps', 'batch', 'coordination.k8s.io'], resources: ['*'] }];
    const proxy: Metric = {
      ...aMetric('proxies'),
      type: 'kubernetes',
      target: { apiVersion: 'projectcontour.io/v1', kind: 'HTTPProxy', name: 'web' },
    };
    const work = [aCheckedExperiment('sizing', [proxy])];
    const slots = foundSlots({ all: ['shop-1'] });

    it('goes by the name that the cluster gives it', async () => {
      const granted = [...WITHOUT_CUSTOM, { verbs: ['get'], apiGroups: ['projectcontour.io'], resources: ['httpproxies'] }];
      const discover = async () => ({ resources: [{ name: 'httpproxies', kind: 'HTTPProxy', namespaced: true }] });

      assert.deepEqual((await check({ 'shop-1': granted }, slots, { work, discover })).usable, ['shop-1']);
      assert.deepEqual(events, []);
    });

    it('only warns where the cluster does not know it yet', async () => {
      const { usable } = await check({ 'shop-1': WITHOUT_CUSTOM }, slots, { work });

      assert.deepEqual(usable, ['shop-1']);
      const message =
        'permissions may be missing in shop-1: get httpproxys.projectcontour.io; the name is a guess: ' +
        'the cluster has no projectcontour.io/v1, so no kind HTTPProxy of it; is its CustomResourceDefinition installed?';
      assert.deepEqual(events, [{ type: 'notice', level: 'warning', message }]);
    });

    it('is content where the guess is granted', async () => {
      const { usable } = await check({ 'shop-1': EVERYTHING }, slots, { work });

      assert.deepEqual([usable, events], [['shop-1'], []]);
    });
  });

  it('asks first whether we may push', async () => {
    const refused = new PreflightFailed('the git login may not do this');

    await assert.rejects(check({}, foundSlots(), { checkPush: () => Promise.reject(refused) }), refused);
  });

  it('leaves a slot out that grants too little, and says what is missing; the others serve', async () => {
    const { usable, candidates } = await check({ 'shop-1': NO_JOBS, 'shop-2': EVERYTHING });

    assert.deepEqual(usable, ['shop-2']);
    assert.deepEqual(candidates.get('sizing'), ['shop-2']);
    assert.deepEqual(events, [
      { type: 'slot-skipped', slot: 'shop-1', reason: 'MissingPermissions', message: 'permissions are missing: create, delete jobs.batch' },
    ]);
  });

  describe('where every slot matters', () => {
    it('gives the Roles that slots lack which it leaves out', async () => {
      const { usable, unmet } = await check({ 'shop-1': NO_JOBS, 'shop-2': EVERYTHING }, foundSlots(), { everySlot: true });

      assert.deepEqual(usable, ['shop-2']);
      assert.equal(events[0]?.type, 'slot-skipped');
      const message = unmet.join('\n');
      assert.match(message, /^permissions are missing in shop-1; apply these Roles with kubectl and run again:\n/);
      assert.deepEqual(rolesIn(message)[0].rules, [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'delete'] }]);
    });

    it('gives what finding the slots of some experiment takes', async () => {
      const candidates = new Map([
        ['sizing', []],
        ['other', ['shop-1']],
      ]);
      const work = [...WORK, aCheckedExperiment('other')];

      const slots = foundSlots({ all: ['shop-1'], candidates, unlisted: ['sizing'] });
      const { unmet } = await check({ 'shop-1': EVERYTHING }, slots, { work, everySlot: true });

      assert.match(
        unmet.join('\n'),
        /^permissions are missing in the whole cluster \(to find what the namespaceSelector of sizing selects\)/,
      );
    });

    const left = [
      { slot: 'shop-8', reason: 'NamespaceTerminating', message: 'namespace "shop-8" is being deleted' },
      { slot: 'shop-9', reason: 'NamespaceMissing', message: 'namespace "shop-9" does not exist' },
    ];

    it('tells of a namespace of the list that does not exist, not of one that comes and goes', async () => {
      const { unmet } = await check({ 'shop-1': EVERYTHING, 'shop-2': EVERYTHING }, foundSlots({ left }), { everySlot: true });

      assert.deepEqual(unmet, ['namespace "shop-9" does not exist']);
    });

    it('does not miss a namespace where runs make them', async () => {
      const namespaces = { labels: {}, slotRole: 'fieldtrial-slot' };

      const { unmet } = await check({ 'shop-1': EVERYTHING, 'shop-2': EVERYTHING }, foundSlots({ left }), { everySlot: true, namespaces });

      assert.deepEqual(unmet, []);
    });

    describe('and there is no trial to run', () => {
      const dry = { work: [], everySlot: true };
      const nothing = foundSlots({ candidates: new Map() });

      it('checks what every trial takes, in each slot', async () => {
        const { usable, unmet } = await check({ 'shop-1': NO_JOBS, 'shop-2': EVERYTHING }, nothing, dry);

        assert.deepEqual(usable, ['shop-2']);
        assert.deepEqual(rolesIn(unmet.join('\n'))[0].rules, [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'delete'] }]);
        assert.deepEqual(
          report?.slots.map(({ slot, missing }) => [slot, missing]),
          [
            ['shop-1', ['create, delete jobs.batch']],
            ['shop-2', []],
          ],
        );
      });

      it('checks our own namespace', async () => {
        const message = await refusal(check({ runner: [], 'shop-1': EVERYTHING, 'shop-2': EVERYTHING }, nothing, dry));

        assert.match(message, /^permissions are missing in runner;/);
      });

      it('is content where nothing names a slot yet', async () => {
        const { usable, unmet } = await check({}, foundSlots({ all: [], candidates: new Map() }), dry);

        assert.deepEqual([usable, unmet], [[], []]);
      });

      it('leaves alone what runs make and bind for experiments', async () => {
        const onDemand = foundSlots({ candidates: new Map(), missing: ['shop-1'], made: ['shop-2'] });

        const { unmet } = await check({}, onDemand, dry);

        assert.deepEqual([report?.slots, unmet], [[], []]);
      });
    });

    it('fails for work that has no slot, whatever slots there are besides, and tells of those too', async () => {
      const slots = foundSlots({ candidates: new Map([['sizing', []]]) });

      const alone = await refusal(check({ 'shop-1': EVERYTHING, 'shop-2': EVERYTHING }, slots, { everySlot: true }));
      const both = await refusal(check({ 'shop-1': EVERYTHING, 'shop-2': NO_JOBS }, slots, { everySlot: true }));

      const sentence = 'no namespace can be a slot for "sizing"; give --slots, -n, or a namespaceSelector that matches a namespace';
      assert.equal(alone, sentence);
      assert.ok(both.startsWith(`${sentence}\npermissions are missing in shop-2; apply these Roles`), both);
    });

    it('says of a missing namespace that runs would make it', async () => {
      const namespaces = { labels: {}, slotRole: 'fieldtrial-slot' };

      await check({ 'shop-1': EVERYTHING, 'shop-2': EVERYTHING }, foundSlots({ left }), { namespaces });

      const messages = events.map((event) => (event.type === 'slot-skipped' ? event.message : event.type));
      assert.deepEqual(messages, [
        'namespace "shop-8" is being deleted',
        'namespace "shop-9" does not exist; a run makes it when a namespaceTemplate asks for it',
      ]);
    });

    it('has nothing to say where nothing is missing, and of a run nothing either', async () => {
      const whole = await check({ 'shop-1': EVERYTHING, 'shop-2': EVERYTHING }, foundSlots(), { everySlot: true });
      const partial = await check({ 'shop-1': NO_JOBS, 'shop-2': EVERYTHING });

      assert.deepEqual([whole.unmet, partial.unmet], [[], []]);
    });
  });

  it('fails with exactly the missing rules as Roles when no slot is left', async () => {
    const message = await refusal(check({ 'shop-1': NO_JOBS, 'shop-2': NO_JOBS }));

    assert.match(message, /^permissions are missing in shop-1, shop-2; apply these Roles with kubectl and run again:\n/);
    const roles = rolesIn(message).filter(({ kind }) => kind === 'Role');
    assert.deepEqual(
      roles.map(({ metadata }) => metadata.namespace),
      ['shop-1', 'shop-2'],
    );
    assert.deepEqual(roles[0].rules, [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'delete'] }]);
  });

  for (const [username, subject] of [
    ['ada', { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ada' }],
    ['system:serviceaccount:ci:runner', { kind: 'ServiceAccount', name: 'runner', namespace: 'ci' }],
  ] as const) {
    it(`binds the Roles to whom the cluster takes us for: ${username}`, async () => {
      const message = await refusal(check({}, foundSlots({ all: ['shop-1'] }), { username }));

      const [, binding] = rolesIn(message);
      assert.deepEqual(binding.subjects, [subject]);
    });
  }

  it('tells of our own namespace and of the slots at once', async () => {
    const message = await refusal(check({ runner: [], 'shop-1': NO_JOBS }, foundSlots({ all: ['shop-1'] })));

    assert.deepEqual(
      rolesIn(message).map(({ kind, metadata }) => `${kind} ${metadata.namespace}`),
      ['Role runner', 'RoleBinding runner', 'Role shop-1', 'RoleBinding shop-1'],
    );
  });

  it('writes one Role where our own namespace is a slot as well', async () => {
    const message = await refusal(check({ runner: [] }, foundSlots({ all: ['runner'] })));

    assert.deepEqual(
      rolesIn(message).map(({ kind }) => kind),
      ['Role', 'RoleBinding'],
    );
  });

  it('doubts that a slot exists which grants nothing at all, as one that does not exist does', async () => {
    const message = await refusal(check({ 'shop-1': NO_JOBS }));

    assert.deepEqual(message.match(/^# .*$/gm), [
      '# shop-2 grants nothing at all: if it does not exist, create it or take it off the list of slots',
    ]);
  });

  it('needs our own namespace even when the slots grant everything', async () => {
    const message = await refusal(check({ runner: [], 'shop-1': EVERYTHING, 'shop-2': EVERYTHING }));

    assert.match(message, /^permissions are missing in runner;/);
  });

  it('does not count a namespace that was left out before', async () => {
    const left = [{ slot: 'shop-1', reason: 'NamespaceMissing', message: 'namespace "shop-1" does not exist' }];

    const message = await refusal(
      check({ 'shop-1': EVERYTHING }, foundSlots({ all: ['shop-1'], candidates: new Map([['sizing', []]]), left })),
    );

    assert.equal(message, 'namespace "shop-1" does not exist');
  });

  it('says that nothing names a slot', async () => {
    const message = await refusal(check({}, foundSlots({ all: [] })));

    assert.equal(message, 'no namespace can be a slot for "sizing"; give --slots, -n, or a namespaceSelector that matches a namespace');
  });

  it('skips an experiment that has no slot of its own left', async () => {
    const other = aCheckedExperiment('other');
    const candidates = new Map([
      ['sizing', ['shop-1']],
      ['other', ['shop-2']],
    ]);

    await check({ 'shop-1': EVERYTHING }, foundSlots({ candidates }), { work: [...WORK, other] });

    assert.deepEqual(events.at(-1), {
      type: 'experiment-skipped',
      experiment: 'other',
      reason: 'NoSlot',
      message: 'no namespace is left that could be its slot',
    });
  });

  it('fails when no metric of the work could be asked, by the names of what is missing', async () => {
    const message = await refusal(check({}, foundSlots(), { work: [aCheckedExperiment('sizing', [DATADOG])] }));

    assert.equal(
      message,
      [
        "experiments/sizing/experiment.yaml:9: spec.metrics[0].type: DD_API_KEY is not set in the runner's environment " +
          '(nor DATADOG_API_KEY or FIELDTRIAL_DATADOG_API_KEY); metrics of type datadog need it',
        "experiments/sizing/experiment.yaml:9: spec.metrics[0].type: DD_APP_KEY is not set in the runner's environment " +
          '(nor DATADOG_APP_KEY or FIELDTRIAL_DATADOG_APP_KEY); metrics of type datadog need it',
      ].join('\n'),
    );
  });

  it('leaves an experiment out whose metrics could not be asked; the others run', async () => {
    const candidates = new Map([
      ['sizing', ['shop-1']],
      ['other', ['shop-2']],
    ]);

    const ready = await check({ 'shop-1': EVERYTHING }, foundSlots({ candidates }), {
      work: [...WORK, aCheckedExperiment('other', [DATADOG])],
    });

    assert.deepEqual([...ready.candidates], [['sizing', ['shop-1']]]);
    assert.deepEqual(
      events.map((event) => event.type === 'experiment-skipped' && [event.experiment, event.reason]),
      [['other', 'MetricAccess']],
    );
  });

  it('fails for a host that the installation does not name', async () => {
    const jsonpath: Metric = { ...aMetric('rps'), type: 'jsonpath', url: 'http://load.{{trial.namespace}}/', query: '{.rps}' };
    const metricAccess = { ...OPEN_ACCESS, hosts: ['load.shop-1'] };

    const message = await refusal(check({}, foundSlots(), { work: [aCheckedExperiment('sizing', [jsonpath])], metricAccess }));

    assert.equal(
      message,
      'experiments/sizing/experiment.yaml:9: spec.metrics[0].url: this installation does not let metrics ask load.shop-2; it allows load.shop-1',
    );
  });

  it('reports what it found of each slot, the cluster and the push', async () => {
    await check({ 'shop-1': NO_JOBS, 'shop-2': EVERYTHING });

    assert.deepEqual(report, {
      type: 'preflight-finished',
      branch: 'fieldtrial/results',
      server: 'v1.36.3',
      clockSeconds: 0,
      slots: [
        { slot: 'shop-1', missing: ['create, delete jobs.batch'], untried: 'permissions are missing', trials: [] },
        { slot: 'shop-2', missing: [], trials: [{ experiment: 'sizing', refused: [], untried: [] }] },
      ],
    });
  });

  it('warns of what the API server would refuse of the first trial, and goes on: the record will say it', async () => {
    const refuse = (kind: string) => {
      if (kind === 'Job') throw new ClusterError(403, 'Forbidden', 'violates PodSecurity "restricted:latest"');
      return {};
    };

    const { usable, refused } = await check({ 'shop-1': EVERYTHING }, foundSlots({ all: ['shop-1'] }), { server: { refuse } });

    const words = 'Job sizing-000: violates PodSecurity "restricted:latest"';
    assert.deepEqual(usable, ['shop-1']);
    assert.deepEqual([...refused], [['sizing', [words]]]);
    assert.deepEqual(events, [
      { type: 'notice', level: 'warning', experiment: 'sizing', slot: 'shop-1', message: `the first trial would fail: ${words}` },
    ]);
  });

  it('tries no trial where one is under way', async () => {
    await check({ 'shop-1': EVERYTHING }, foundSlots({ all: ['shop-1'], unfinished: ['shop-1'] }));

    assert.deepEqual(report?.slots, [{ slot: 'shop-1', missing: [], untried: 'a trial is under way', trials: [] }]);
  });

  it('says what an admission webhook keeps from being tried', async () => {
    const refuse = () => {
      throw new ClusterError(400, 'BadRequest', 'admission webhook "a.b" does not support dry run');
    };

    const { refused } = await check({ 'shop-1': EVERYTHING }, foundSlots({ all: ['shop-1'] }), { server: { refuse } });

    assert.equal(refused.size, 0);
    assert.deepEqual(report?.slots[0]?.trials[0]?.untried, ['Job sizing-000: an admission webhook cannot be asked without effect']);
  });

  it('refuses a cluster that is too old, in one sentence', async () => {
    const message = await refusal(check({}, foundSlots(), { server: { version: 'v1.26.9' } }));

    assert.match(message, /^the cluster is Kubernetes v1\.26\.9; fieldtrial needs 1\.27 or later/);
  });

  it('warns of clocks that are apart', async () => {
    await check({ 'shop-1': EVERYTHING, 'shop-2': EVERYTHING }, foundSlots(), { server: { time: new Date('2026-01-01T10:00:08Z') } });

    assert.equal(report?.clockSeconds, 8);
    assert.equal(events.length, 1);
    assert.match(events[0]?.type === 'notice' ? events[0].message : '', /^the cluster's clock is 8\.0 s ahead of the runner's; /);
  });

  it('lets a slot be finished that no experiment wants any more', async () => {
    const { usable } = await check({}, foundSlots({ candidates: new Map(), unfinished: ['shop-2'] }), { work: [] });

    assert.deepEqual(usable, ['shop-2']);
  });

  describe('of a namespace that a run has to make', () => {
    const template = { prefix: 'shop-', labels: { team: 'shop' }, annotations: {} };
    const selecting = { namespaceSelector: { matchLabels: { team: 'shop' } } };
    const work = [aCheckedExperiment('sizing', [aMetric('one')], { namespaceTemplate: template, ...selecting })];
    const slots = (fields: Partial<FoundSlots> = {}) => foundSlots({ all: ['shop-1'], missing: ['shop-1'], ...fields });
    const roles: NamespaceSettings = { labels: { fence: 'high' }, slotRole: 'fieldtrial-slot' };
    /** Of what a slot needs, everything but what makes one. */
    const INSIDE = [
      { verbs: ['*'], apiGroups: ['batch', 'coordination.k8s.io'], resources: ['*'] },
      { verbs: ['*'], apiGroups: [''], resources: ['pods', 'pods/log', 'events', 'configmaps'] },
    ];
    const BINDING = [
      { verbs: ['create'], apiGroups: ['', 'rbac.authorization.k8s.io'], resources: ['namespaces', 'rolebindings'] },
      { verbs: ['bind'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], resourceNames: ['fieldtrial-slot'] },
    ];

    it('takes it for a slot where everything is granted everywhere, and binds nothing', async () => {
      const { usable, plans } = await check({ '': EVERYTHING, 'shop-1': EVERYTHING }, slots(), { work, namespaces: roles });

      assert.deepEqual(usable, ['shop-1']);
      assert.equal(plans[0]?.slotRole, undefined);
      assert.deepEqual(plans[0]?.namespace?.metadata, {
        name: 'shop-1',
        labels: { team: 'shop', fence: 'high', 'fieldtrial.dev/experiment': 'sizing', 'fieldtrial.dev/trial-role': 'slot' },
      });
      assert.deepEqual(report?.slots, [
        { slot: 'shop-1', missing: [], create: { experiment: 'sizing' }, untried: 'the namespace does not exist yet', trials: [] },
      ]);
    });

    it('plans to bind the role of slots where the runner may, and would have too few rights', async () => {
      const { usable, plans } = await check({ '': BINDING }, slots(), { work, namespaces: roles });

      assert.deepEqual([usable, plans[0]?.slotRole], [['shop-1'], 'fieldtrial-slot']);
    });

    it('fails, where there is no other slot, with the rules as one ClusterRole, that cure it', async () => {
      const both = slots({ all: ['shop-1', 'shop-2'], missing: ['shop-1', 'shop-2'] });

      const message = await refusal(check({}, both, { work, namespaces: roles }));

      assert.match(message, /^permissions are missing in the whole cluster \(to create shop-1, shop-2\); apply these Roles with kubectl/);
      const [role, binding, ...others] = rolesIn(message);
      assert.deepEqual([role.kind, binding.kind, others], ['ClusterRole', 'ClusterRoleBinding', []]);
      assert.deepEqual(role.rules, [
        { apiGroups: [''], resources: ['namespaces'], verbs: ['create'] },
        { apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings'], verbs: ['create'] },
        {
          apiGroups: ['rbac.authorization.k8s.io'],
          resources: ['clusterroles'],
          resourceNames: ['fieldtrial-slot'],
          verbs: ['bind'],
        },
      ]);
      assert.deepEqual((await check({ '': role.rules }, both, { work, namespaces: roles })).usable, ['shop-1', 'shop-2']);
    });

    it('goes on with the slots there are where it may not make others, and names the rules in one sentence', async () => {
      const { usable } = await check({ 'shop-2': EVERYTHING }, slots({ all: ['shop-2', 'shop-1'] }), { work, namespaces: roles });

      assert.deepEqual(usable, ['shop-2']);
      assert.deepEqual(events, [
        {
          type: 'slot-skipped',
          slot: 'shop-1',
          reason: 'MissingPermissions',
          message:
            'namespace "shop-1" does not exist; to create it the runner needs a ClusterRole with: create namespaces; ' +
            'create rolebindings.rbac.authorization.k8s.io; bind clusterroles.rbac.authorization.k8s.io "fieldtrial-slot"',
        },
      ]);
    });

    it('does not make one for what no RoleBinding there could grant', async () => {
      const nodes: Metric = {
        ...aMetric('nodes'),
        type: 'kubernetes',
        target: { apiVersion: 'metrics.k8s.io/v1beta1', kind: 'NodeMetricsList' },
      };
      const measuring = [aCheckedExperiment('sizing', [nodes], { namespaceTemplate: template, ...selecting })];

      const message = await refusal(check({ '': BINDING }, slots(), { work: measuring, namespaces: roles }));

      const [role] = rolesIn(message);
      assert.deepEqual(role.rules, [{ apiGroups: ['metrics.k8s.io'], resources: ['nodes'], verbs: ['list'] }]);
    });

    it('does not make one in which the runner could do nothing', async () => {
      const message = await refusal(check({ '': BINDING }, slots(), { work }));

      assert.equal(
        message,
        'namespace "shop-1" cannot be made from the namespaceTemplate of sizing: the runner would have no rights there; ' +
          'name a ClusterRole that grants them in --slot-role',
      );
    });

    it("does not make one that the API server refuses, or that the installation's labels keep from being found again", async () => {
      const granted = { '': EVERYTHING, 'shop-1': EVERYTHING };
      const refuse = (): never => {
        throw new ClusterError(422, 'Invalid', 'metadata.labels: Invalid value: "?"');
      };

      const byServer = await refusal(check(granted, slots(), { work, server: { refuse } }));
      const byLabels = await refusal(check(granted, slots(), { work, namespaces: { labels: { team: 'all' } } }));

      assert.match(byServer, /of sizing: metadata\.labels: Invalid value: "\?"$/);
      assert.match(byLabels, /with the labels of the installation namespaceSelector \(team=shop\) would not select it$/);
    });

    it("gives it to another experiment only where that one's selector finds it", async () => {
      const prefixed = { namespaceTemplate: { prefix: 'x-', labels: { team: 'cart' }, annotations: {} } };
      const others = [
        aCheckedExperiment('cart', [aMetric('one')], { ...prefixed, namespaceSelector: { matchLabels: { team: 'cart' } } }),
        aCheckedExperiment('any', [aMetric('one')], prefixed),
      ];
      const candidates = new Map(['sizing', 'cart', 'any'].map((name) => [name, ['shop-1']]));

      const ready = await check({ '': EVERYTHING, 'shop-1': EVERYTHING }, slots({ candidates }), { work: [...work, ...others] });

      assert.deepEqual(Object.fromEntries(ready.candidates), { sizing: ['shop-1'], cart: [], any: ['shop-1'] });
    });

    describe('with setup tasks', () => {
      const setup = buildSetup(aTrial(), aTrialTemplate({ setupTasks: [aSetupTask()] }), [], 'fieldtrial:test');
      const withSetup = work.map((each) => ({ ...each, sample: { ...each.sample, setup } })) as CheckedExperiment[];
      const settings: NamespaceSettings = { ...roles, setupRole: 'fieldtrial-setup' };

      it('needs what their account takes as well', async () => {
        const message = await refusal(check({ '': BINDING }, slots(), { work: withSetup, namespaces: settings }));

        assert.deepEqual(rolesIn(message)[0].rules, [
          { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['create'] },
          {
            apiGroups: ['rbac.authorization.k8s.io'],
            resources: ['clusterroles'],
            resourceNames: ['fieldtrial-setup'],
            verbs: ['bind'],
          },
        ]);
      });

      it('takes on trust the account of a namespace that is there where it may not create one', async () => {
        const { plans } = await check({ 'shop-1': INSIDE }, slots({ missing: [], made: ['shop-1'] }), {
          work: withSetup,
          namespaces: settings,
        });

        assert.deepEqual(plans[0]?.accounts, []);
      });

      it('creates the account of a namespace that is there where it may', async () => {
        const { plans } = await check({ 'shop-1': EVERYTHING }, slots({ missing: [], made: ['shop-1'] }), {
          work: withSetup,
          namespaces: settings,
        });

        assert.deepEqual(plans[0]?.accounts, ['fieldtrial-setup']);
      });
    });

    it('binds the role where a run before has made the namespace and not come to that', async () => {
      const { usable, plans } = await check({ 'shop-1': BINDING }, slots({ missing: [], made: ['shop-1'] }), { work, namespaces: roles });

      assert.deepEqual(usable, ['shop-1']);
      assert.deepEqual([plans[0]?.namespace, plans[0]?.slotRole], [undefined, 'fieldtrial-slot']);
    });
  });
});
