//! What comes in: which arc joins each node to its parent, and how much can flow each way on it.
//! What goes out: the spanning tree of a basis, kept in preorder under exchanges of one arc.
//! Must not know: costs, potentials, which arc deserves to enter.
//! Layout: what a walk towards the root needs (parent, arc, residuals, subtree size) is one
//! 32-byte record per node, so a step touches one cache line; the preorder list is separate, as
//! only exchanges and potential updates walk it.
//! Rejected: depth instead of subtree size (sizes find the join just as well and change only on
//! two paths), flows in the arc columns (two more cache misses a step), link-cut trees (reported
//! slower by an order of magnitude at these sizes).

/// No arc: the tree arc is an artificial one to the root.
pub(super) const ARTIFICIAL: u32 = u32::MAX >> 1;

/// A node with the tree arc towards its parent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Node {
    /// How much more can flow from this node to its parent.
    pub res_up: i64,
    /// How much more can flow from the parent to this node.
    pub res_down: i64,
    /// The parent; the root is its own.
    pub parent: u32,
    /// Twice the arc, plus one if the arc starts at this node.
    pub pred: u32,
    /// Nodes in the subtree, this one included.
    pub size: u32,
    /// Last node of the subtree in preorder.
    pub last: u32,
}

impl Node {
    /// The tree arc, or [`ARTIFICIAL`].
    pub fn arc(&self) -> u32 {
        self.pred >> 1
    }

    /// Whether the tree arc starts at this node.
    pub fn up(&self) -> bool {
        self.pred & 1 == 1
    }
}

/// Neighbours in the preorder, which is closed to a ring through the root.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Link {
    /// The node after this one.
    pub next: u32,
    /// The node before this one.
    pub prev: u32,
}

/// A rooted spanning tree; the root is the last node.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    /// One record per node, the root last.
    pub nodes: Vec<Node>,
    /// The preorder ring, same indices.
    pub links: Vec<Link>,
}

/// The arc that joins a subtree anew, seen from the subtree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Joint {
    /// Node of the subtree that becomes its top.
    pub child: u32,
    /// Node outside it that becomes the parent.
    pub parent: u32,
    /// As [`Node::pred`].
    pub pred: u32,
    /// As [`Node::res_up`].
    pub res_up: i64,
    /// As [`Node::res_down`].
    pub res_down: i64,
}

impl Tree {
    /// A star: every node hangs on the root by an artificial arc without flow.
    pub fn star(n: usize, res_up: i64) -> Self {
        let root = n as u32;
        let leaf =
            Node { res_up, parent: root, pred: ARTIFICIAL * 2 + 1, size: 1, ..Node::default() };
        let mut tree = Self { nodes: vec![leaf; n + 1], links: vec![Link::default(); n + 1] };
        tree.rebuild_order();
        tree
    }

    /// The root's index.
    pub fn root(&self) -> u32 {
        (self.nodes.len() - 1) as u32
    }

    /// Recomputes preorder, sizes and last nodes from the parents. Nodes that do not reach the
    /// root are left out; returns how many nodes were reached. O(nodes).
    pub fn rebuild_order(&mut self) -> usize {
        let (root, len) = (self.root(), self.nodes.len());
        // Children as linked lists: first[v] and sibling[v], `len` meaning none.
        let none = len as u32;
        let mut first = vec![none; len];
        let mut sibling = vec![none; len];
        for v in (0..root).rev() {
            let p = self.nodes[v as usize].parent as usize;
            sibling[v as usize] = first[p];
            first[p] = v;
        }
        self.nodes[root as usize].parent = root;
        let mut reached = 0;
        let mut before = root;
        let mut v = root;
        loop {
            reached += 1;
            self.nodes[v as usize].size = 1;
            self.links[before as usize].next = v;
            self.links[v as usize].prev = before;
            before = v;
            // Down if possible, else finish subtrees until one has an unvisited sibling.
            let mut down = first[v as usize];
            while down == none {
                self.nodes[v as usize].last = before;
                if v == root {
                    self.links[before as usize].next = root;
                    self.links[root as usize].prev = before;
                    return reached;
                }
                let p = self.nodes[v as usize].parent as usize;
                self.nodes[p].size += self.nodes[v as usize].size;
                down = sibling[v as usize];
                v = p as u32;
            }
            v = down;
        }
    }

    /// Cuts the arc above `top` and joins its subtree again by `joint`, whose child becomes the
    /// new top. `join` is the last common node of the two paths to the root.
    ///
    /// The new preorder of the subtree is: the part below the new top as it was, then, going up
    /// the stem from the new top to the old one, each stem node with what hung on it besides the
    /// stem. It is spliced in right behind the new parent. O(stem + paths to the join), the
    /// list surgery of Király and Kovács (2012), "Efficient implementations of minimum-cost flow
    /// algorithms", on the indices of Ahuja, Magnanti and Orlin (1993), "Network Flows".
    pub fn rehang(&mut self, top: u32, join: u32, joint: Joint) {
        let nodes = &mut self.nodes[..];
        let links = &mut self.links[..];
        let total = nodes[top as usize].size;
        let old_parent = nodes[top as usize].parent;
        let old_last = nodes[top as usize].last;

        // Take the subtree out of the ring, and off the paths above it.
        let before = links[top as usize].prev;
        let after = links[old_last as usize].next;
        links[before as usize].next = after;
        links[after as usize].prev = before;
        let mut a = old_parent;
        while nodes[a as usize].last == old_last {
            nodes[a as usize].last = before;
            if nodes[a as usize].parent == a {
                break;
            }
            a = nodes[a as usize].parent;
        }
        let mut a = old_parent;
        while a != join {
            let node = &mut nodes[a as usize];
            node.size = node.size.wrapping_sub(total);
            a = node.parent;
        }

        // Turn the stem round. `tail` is the end of the new order so far.
        let stem_last = if joint.child == top {
            old_last
        } else {
            let mut below = joint.child;
            let mut below_prev = links[below as usize].prev;
            let old = nodes[below as usize];
            let mut tail = old.last;
            let mut below_next = links[tail as usize].next;
            let (mut below_size, mut below_last) = (old.size, old.last);
            let (mut pred, mut res_up, mut res_down) = (old.pred, old.res_up, old.res_down);
            let mut v = old.parent;
            loop {
                let old = nodes[v as usize];
                let v_prev = links[v as usize].prev;
                // The shared last node's link has been rewritten already; inherit what it said.
                let v_next =
                    if old.last == below_last { below_next } else { links[old.last as usize].next };
                links[tail as usize].next = v;
                links[v as usize].prev = tail;
                tail = below_prev;
                if below_last != old.last {
                    links[tail as usize].next = below_next;
                    links[below_next as usize].prev = tail;
                    tail = old.last;
                }
                let node = &mut nodes[v as usize];
                node.parent = below;
                node.pred = pred ^ 1;
                node.res_up = res_down;
                node.res_down = res_up;
                node.size = total.wrapping_sub(below_size);
                (pred, res_up, res_down) = (old.pred, old.res_up, old.res_down);
                (below, below_prev, below_next) = (v, v_prev, v_next);
                (below_size, below_last) = (old.size, old.last);
                if v == top {
                    break;
                }
                v = old.parent;
            }
            let mut v = top;
            while v != joint.child {
                nodes[v as usize].last = tail;
                v = nodes[v as usize].parent;
            }
            tail
        };

        // Splice it in behind the new parent.
        let child = &mut nodes[joint.child as usize];
        child.parent = joint.parent;
        child.pred = joint.pred;
        child.res_up = joint.res_up;
        child.res_down = joint.res_down;
        child.size = total;
        child.last = stem_last;
        let next = links[joint.parent as usize].next;
        links[joint.parent as usize].next = joint.child;
        links[joint.child as usize].prev = joint.parent;
        links[stem_last as usize].next = next;
        links[next as usize].prev = stem_last;
        let mut a = joint.parent;
        while nodes[a as usize].last == joint.parent {
            nodes[a as usize].last = stem_last;
            if nodes[a as usize].parent == a {
                break;
            }
            a = nodes[a as usize].parent;
        }
        let mut a = joint.parent;
        while a != join {
            let node = &mut nodes[a as usize];
            node.size = node.size.wrapping_add(total);
            a = node.parent;
        }
    }
}
