/** All of client-node that runs here: a bundle can leave out the rest when nothing asks for the whole of it. */
export { KubeConfig } from '@kubernetes/client-node';
