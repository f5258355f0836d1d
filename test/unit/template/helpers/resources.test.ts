import { failsWith, givesValues } from '../../../support/template-cases.ts';

const scope = {
  pods: {
    kind: 'PodList',
    items: [
      {
        spec: {
          initContainers: [{ resources: { requests: { cpu: '10' } } }],
          containers: [
            { resources: { requests: { cpu: '250m', memory: '1Gi' } } },
            { resources: { requests: { cpu: 1 } } },
            { resources: {} },
            {},
          ],
        },
      },
      { spec: { containers: [{ resources: { requests: { cpu: '0.5' } } }] } },
      {},
    ],
  },
  broken: [{ spec: { containers: [{ resources: { requests: { cpu: 'lots' } } }] } }],
  usage: { cpu: '289123456n', memory: '2Gi' },
};

const service = (name: string, ...ports: object[]) => ({ metadata: { name, namespace: 'shop' }, spec: { ports } });
const services = {
  one: service('api', { port: 80 }),
  several: { items: [service('b', { port: 1 }), service('a', { name: 'web', port: 9090 }, { name: 'grpc', port: 9091 })] },
  none: { items: [] },
};

describe('serviceAddress', () => {
  givesValues(
    [
      ['{{serviceAddress one}}', 'api.shop:80'],
      ['{{serviceAddress one 8080}}', 'api.shop:8080'],
      ['{{serviceAddress several "grpc"}}', 'a.shop:9091'],
      ['{{serviceAddress several "9091"}}', 'a.shop:9091'],
    ],
    services,
  );

  failsWith(
    [
      ['{{serviceAddress several}}', 'serviceAddress: Service a has 2 ports (web, grpc); name one'],
      ['{{serviceAddress several "http"}}', 'serviceAddress: Service a has no port "http"; it has web, grpc'],
      ['{{serviceAddress none}}', 'serviceAddress: expected a Service, or a list of them with at least one, got an object'],
      ['{{serviceAddress "api"}}', 'serviceAddress: expected an object, got "api"'],
    ],
    services,
  );
});

describe('Quantity helpers', () => {
  givesValues(
    [
      ['{{quantity "2Gi"}}', 2147483648],
      ['{{quantity "289m"}}', 0.289],
      ['{{quantity 3}}', 3],
      ['{{milliValue "289m"}}', 289],
      ['{{milliValue "0.57"}}', 570],
      ['{{milliValue usage.cpu}}', 290],
      ['{{indexResource usage "memory"}}', '2Gi'],
      ['{{indexResource usage "nvidia.com/gpu"}}', '0'],
      ['{{indexResource usage "constructor"}}', '0'],
    ],
    scope,
  );

  failsWith(
    [
      ['{{quantity "2gb"}}', 'quantity: expected a Kubernetes quantity such as 500m or 2Gi, got "2gb"'],
      ['{{milliValue usage}}', 'milliValue: expected a Kubernetes quantity such as 500m or 2Gi, got an object'],
      ['{{indexResource "a" "b"}}', 'indexResource: expected an object, got "a"'],
    ],
    scope,
  );
});

describe('resourceRequests', () => {
  givesValues(
    [
      ['{{resourceRequests pods "cpu=1"}}', 1750],
      ['{{resourceRequests pods.items "cpu=1"}}', 1750],
      ['{{resourceRequests pods " cpu = 2 , memory = 0"}}', 3500],
      ['{{resourceRequests pods "memory=1"}}', 1073741824000],
      ['{{resourceRequests pods "nvidia.com/gpu=1"}}', 0],
      ['{{resourceRequests pods "cpu=500m"}}', 875],
    ],
    scope,
  );

  failsWith(
    [
      ['{{resourceRequests pods "cpu"}}', 'resourceRequests: expected weights such as "cpu=17,memory=3", got "cpu" in "cpu"'],
      ['{{resourceRequests pods "cpu=1,"}}', 'resourceRequests: expected weights such as "cpu=17,memory=3", got "" in "cpu=1,"'],
      [
        '{{resourceRequests pods "cpu=much"}}',
        'resourceRequests: expected weights such as "cpu=17,memory=3", got "cpu=much" in "cpu=much"',
      ],
      ['{{resourceRequests pods "cpu=1=2"}}', 'resourceRequests: expected weights such as "cpu=17,memory=3", got "cpu=1=2" in "cpu=1=2"'],
      ['{{resourceRequests pods 17}}', 'resourceRequests: expected weights such as "cpu=17,memory=3", got 17'],
      ['{{resourceRequests usage "cpu=1"}}', 'resourceRequests: expected a list, got an object'],
      ['{{resourceRequests broken "cpu=1"}}', 'resourceRequests: expected a Kubernetes quantity such as 500m or 2Gi, got "lots"'],
    ],
    scope,
  );
});
