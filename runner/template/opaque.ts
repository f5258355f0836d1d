/** Stands in a scope for data of which nothing can be said before a template is rendered, such as what an object of the cluster holds. */
export const OPAQUE: unique symbol = Symbol('opaque');
