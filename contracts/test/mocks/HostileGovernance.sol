// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DataAccessManager} from "../../src/DataAccessManager.sol";
import {DataTimelock} from "../../src/DataTimelock.sol";

/// @dev Also gives a role to someone chosen by the test; `address(1)` stands for the factory that initializes.
contract LeakyTimelock is DataTimelock {
    bytes32 private immutable ROLE;
    address private immutable HOLDER;

    constructor(bytes32 role, address holder) {
        ROLE = role;
        HOLDER = holder;
    }

    function initialize(uint256 delay, address[] memory proposers, address[] memory executors, address admin)
        public
        override
    {
        super.initialize(delay, proposers, executors, admin);
        _grantRole(ROLE, HOLDER == address(1) ? msg.sender : HOLDER);
    }
}

/// @dev Withholds a role from all.
contract LackingTimelock is DataTimelock {
    bytes32 private immutable ROLE;

    constructor(bytes32 role) {
        ROLE = role;
    }

    function hasRole(bytes32 role, address account) public view override returns (bool) {
        return role != ROLE && super.hasRole(role, account);
    }
}

/// @dev Keeps the factory as admin.
contract ClingingManager is DataAccessManager {
    function renounceRole(uint64, address) public override {}
}

/// @dev Gives a stranger the admin role.
contract LeakyManager is DataAccessManager {
    address private immutable HOLDER;

    constructor(address holder) {
        HOLDER = holder;
    }

    function initialize(address admin) public override {
        super.initialize(admin);
        _grantRole(ADMIN_ROLE, HOLDER, 0, 0);
    }
}

/// @dev Grants every role with an execution delay of a day, except to who initializes.
contract SlowManager is DataAccessManager {
    function grantRole(uint64 role, address account, uint32) public override {
        super.grantRole(role, account, 1 days);
    }
}

/// @dev Grants nothing.
contract DeafManager is DataAccessManager {
    function grantRole(uint64, address, uint32) public override {}
}

/// @dev Also makes someone chosen by the test a court; `address(1)` stands for the factory.
contract LeakyCourtManager is DataAccessManager {
    address private immutable HOLDER;

    constructor(address holder) {
        HOLDER = holder;
    }

    function initialize(address admin) public override {
        super.initialize(admin);
        _grantRole(1, HOLDER == address(1) ? msg.sender : HOLDER, 0, 0);
    }
}

/// @dev Grants all roles but the court's, or that one with a delay.
contract CourtlessManager is DataAccessManager {
    bool private immutable SLOW;

    constructor(bool slow) {
        SLOW = slow;
    }

    function grantRole(uint64 role, address account, uint32 delay) public override {
        if (role != 1) super.grantRole(role, account, delay);
        else if (SLOW) super.grantRole(role, account, 1 days);
    }
}

/// @dev Lets another role administer or guard the court's.
contract ExposedManager is DataAccessManager {
    bool private immutable ADMIN;

    constructor(bool admin) {
        ADMIN = admin;
    }

    function grantRole(uint64 role, address account, uint32 delay) public override {
        super.grantRole(role, account, delay);
        if (role != 1) return;
        if (ADMIN) _setRoleAdmin(1, 7);
        else _setRoleGuardian(1, 7);
    }
}
