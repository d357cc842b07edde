// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Vm} from "forge-std/Vm.sol";
import {AccessPass} from "../src/AccessPass.sol";
import {IAccessPass} from "../src/interfaces/IAccessPass.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {IERC5484} from "../src/interfaces/IERC5484.sol";
import {ILicenseRegistry} from "../src/interfaces/ILicenseRegistry.sol";
import {Access} from "../src/lib/Managed.sol";
import {SoulboundPass} from "../src/lib/SoulboundPass.sol";
import {IssuePass, Pass, Status, Terms, Version} from "../src/types/Types.sol";
import {MoneyFixture} from "./support/MoneyFixture.sol";
import {Wallet} from "./support/Wallet.sol";

contract AccessPassConsentTest is MoneyFixture {
    Vm.Wallet internal issuer;
    Vm.Wallet internal holder;
    address internal stranger = makeAddr("stranger");
    Version internal version;
    bytes32 internal datasetId;
    bytes32 internal termsId;
    uint256 internal passId;

    function setUp() public override {
        super.setUp();
        issuer = vm.createWallet("issuer");
        holder = vm.createWallet("holder");
        version = _register("raccoon", keccak256("root"), keccak256("splits"));
        datasetId = version.datasetId;
        vm.prank(PUBLISHER);
        registry.transferFrom(PUBLISHER, issuer.addr, uint256(datasetId));
        termsId = _addTerms(_terms());
        _offer(datasetId, termsId);
        passId = pass.passIdOf(holder.addr, datasetId);
    }

    // ---- issueBySig

    function test_IssueWithBothSignatures() external {
        IssuePass memory request = _request();
        bytes memory byIssuer = _sign(issuer, request);
        bytes memory byHolder = _sign(holder, request);
        vm.expectEmit(address(pass));
        emit IERC721.Transfer(address(0), holder.addr, passId);
        vm.expectEmit(address(pass));
        emit IERC5484.Issued(issuer.addr, holder.addr, passId, IERC5484.BurnAuth.Neither);
        vm.expectEmit(address(pass));
        emit IAccessPass.PassIssued(passId, datasetId, holder.addr, termsId, uint40(request.expiry));
        vm.prank(stranger);
        assertEq(pass.issueBySig(request, datasetId, 1, byIssuer, byHolder), passId);

        Pass memory stored = pass.passOf(holder.addr, datasetId);
        assertEq(stored.holder, holder.addr);
        assertEq(stored.expiry, request.expiry);
        assertEq(stored.termsNumber, 1);
        assertEq(stored.purposes, 37);
        assertEq(stored.burnAuth, 3);
        assertEq(pass.nonces(issuer.addr, 7), (7 << 64) + 1);
        assertEq(pass.nonces(holder.addr, 7), (7 << 64) + 1);
    }

    function test_TheSenderNeedsNoSignature() external {
        IssuePass memory request = _request();
        bytes memory signature = _sign(holder, request);
        vm.prank(issuer.addr);
        pass.issueBySig(request, datasetId, 1, "", signature);
        assertEq(pass.nonces(issuer.addr, 7), 7 << 64, "no nonce of the sender");
        assertEq(pass.nonces(holder.addr, 7), (7 << 64) + 1);

        request.nonce = 9 << 64;
        request.expiry += 1;
        signature = _sign(issuer, request);
        vm.prank(holder.addr);
        pass.issueBySig(request, datasetId, 1, signature, "");
        assertEq(pass.nonces(issuer.addr, 9), (9 << 64) + 1);
        assertEq(pass.nonces(holder.addr, 9), 9 << 64, "no nonce of the sender");

        // The owner's own pass, sent by itself and signed once.
        request.holder = issuer.addr;
        vm.prank(issuer.addr);
        pass.issueBySig(request, datasetId, 1, "", "");
        request.nonce = 10 << 64;
        signature = _sign(issuer, request);
        pass.issueBySig(request, datasetId, 1, signature, "");
        assertEq(pass.nonces(issuer.addr, 10), (10 << 64) + 1);
        assertEq(pass.balanceOf(issuer.addr), 1);
    }

    function test_IssueWithContractSignatures() external {
        Wallet wallet = new Wallet(holder.addr);
        IssuePass memory request = _request();
        request.holder = address(wallet);
        bytes memory byIssuer = _sign(issuer, request);
        bytes memory wrong = _sign(issuer, request);
        vm.expectRevert(abi.encodeWithSelector(IAccessPass.SignatureInvalid.selector, address(wallet)));
        pass.issueBySig(request, datasetId, 1, byIssuer, wrong);
        pass.issueBySig(request, datasetId, 1, byIssuer, _sign(holder, request));
        assertTrue(pass.isValid(address(wallet), datasetId, 0));
        assertEq(pass.nonces(address(wallet), 7), (7 << 64) + 1);

        // A contract that owns the dataset issues by its signature, too.
        Wallet owner = new Wallet(issuer.addr);
        vm.prank(issuer.addr);
        registry.transferFrom(issuer.addr, address(owner), uint256(datasetId));
        request = _request();
        request.issuer = address(owner);
        bytes memory byHolder = _sign(holder, request);
        wrong = _sign(holder, request);
        vm.expectRevert(abi.encodeWithSelector(IAccessPass.SignatureInvalid.selector, address(owner)));
        pass.issueBySig(request, datasetId, 1, wrong, byHolder);
        pass.issueBySig(request, datasetId, 1, _sign(issuer, request), byHolder);
        assertTrue(pass.isValid(holder.addr, datasetId, 0));
    }

    function test_IssueWithoutConsentReverts() external {
        IssuePass memory request = _request();
        bytes memory byIssuer = _sign(issuer, request);
        bytes memory byHolder = _sign(holder, request);
        bytes memory noIssuer = abi.encodeWithSelector(IAccessPass.SignatureInvalid.selector, issuer.addr);
        bytes memory noHolder = abi.encodeWithSelector(IAccessPass.SignatureInvalid.selector, holder.addr);
        vm.expectRevert(noIssuer);
        pass.issueBySig(request, datasetId, 1, "", byHolder);
        vm.expectRevert(noIssuer);
        pass.issueBySig(request, datasetId, 1, byHolder, byHolder);
        vm.expectRevert(noHolder);
        pass.issueBySig(request, datasetId, 1, byIssuer, "");
        vm.expectRevert(noHolder);
        pass.issueBySig(request, datasetId, 1, byIssuer, byIssuer);
        // The issuer alone can't give a pass to an account that did not agree.
        vm.expectRevert(noHolder);
        vm.prank(issuer.addr);
        pass.issueBySig(request, datasetId, 1, "", "");
        // Nor can the holder take one.
        vm.expectRevert(noIssuer);
        vm.prank(holder.addr);
        pass.issueBySig(request, datasetId, 1, "", "");
    }

    function test_IssueOfAChangedRequestReverts() external {
        IssuePass memory signed = _request();
        bytes memory byIssuer = _sign(issuer, signed);
        bytes memory byHolder = _sign(holder, signed);
        Terms memory terms = _terms();
        terms.allow = 255;
        terms.deny = 0;
        bytes32 wider = _addTerms(terms);
        _offer(datasetId, wider);
        for (uint256 i; i < 6; ++i) {
            IssuePass memory request = _request();
            if (i == 0) request.holder = stranger;
            if (i == 1) request.termsId = wider;
            if (i == 2) request.expiry += 1;
            if (i == 3) request.burnAuth = 0;
            if (i == 4) request.nonce = 8 << 64;
            if (i == 5) request.deadline += 1;
            vm.expectRevert(abi.encodeWithSelector(IAccessPass.SignatureInvalid.selector, issuer.addr));
            pass.issueBySig(request, datasetId, 1, byIssuer, byHolder);
        }
    }

    function test_IssueElsewhereReverts() external {
        IssuePass memory request = _request();
        bytes memory byIssuer = _sign(issuer, request);
        bytes memory byHolder = _sign(holder, request);
        AccessPass twin = new AccessPass(address(manager), address(registry), address(licenses), address(vault));
        bytes memory refusal = abi.encodeWithSelector(IAccessPass.SignatureInvalid.selector, issuer.addr);
        vm.expectRevert(refusal);
        twin.issueBySig(request, datasetId, 1, byIssuer, byHolder);
        vm.chainId(block.chainid + 1);
        vm.expectRevert(refusal);
        pass.issueBySig(request, datasetId, 1, byIssuer, byHolder);
    }

    function test_IssueAgainReverts() external {
        IssuePass memory request = _request();
        bytes memory byIssuer = _sign(issuer, request);
        bytes memory byHolder = _sign(holder, request);
        pass.issueBySig(request, datasetId, 1, byIssuer, byHolder);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, issuer.addr, (7 << 64) + 1));
        pass.issueBySig(request, datasetId, 1, byIssuer, byHolder);
        // Also when one of them sends, the other's consent is used up.
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, holder.addr, (7 << 64) + 1));
        vm.prank(issuer.addr);
        pass.issueBySig(request, datasetId, 1, byIssuer, byHolder);
    }

    function test_IssueOutOfOrderOrCancelledReverts() external {
        IssuePass memory request = _request();
        request.nonce = (7 << 64) + 1;
        bytes memory byIssuer = _sign(issuer, request);
        bytes memory byHolder = _sign(holder, request);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, issuer.addr, 7 << 64));
        pass.issueBySig(request, datasetId, 1, byIssuer, byHolder);

        request = _request();
        byIssuer = _sign(issuer, request);
        byHolder = _sign(holder, request);
        vm.expectEmit(address(pass));
        emit IAccessPass.NonceCancelled(holder.addr, 7 << 64);
        vm.prank(holder.addr);
        assertEq(pass.cancelNonce(7), 7 << 64);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, holder.addr, (7 << 64) + 1));
        pass.issueBySig(request, datasetId, 1, byIssuer, byHolder);
        assertEq(pass.nonces(issuer.addr, 7), 7 << 64, "of the caller only");
        assertEq(pass.nonces(holder.addr, 8), 8 << 64, "of this key only");
    }

    function test_IssueLateReverts() external {
        IssuePass memory request = _request();
        vm.warp(request.deadline);
        _issue(request);
        request.nonce += 1;
        vm.warp(request.deadline + 1);
        _expectIssueRevert(request, abi.encodeWithSelector(IAccessPass.RequestExpired.selector, request.deadline));
    }

    function test_IssueByAnotherThanTheOwnerReverts() external {
        IssuePass memory request = _request();
        vm.prank(issuer.addr);
        registry.transferFrom(issuer.addr, stranger, uint256(datasetId));
        _expectIssueRevert(request, abi.encodeWithSelector(IAccessPass.IssuerInvalid.selector, issuer.addr, stranger));
    }

    function test_IssueOfAnotherVersionReverts() external {
        IssuePass memory request = _request();
        bytes32 registered = request.versionKey;
        request.versionKey = keccak256("other");
        _expectIssueRevert(
            request, abi.encodeWithSelector(IAccessPass.VersionMismatch.selector, registered, request.versionKey)
        );
        request.versionKey = registered;
        vm.prank(issuer.addr);
        registry.setStatus(datasetId, 1, Status.Deprecated, 0, 0);
        _expectIssueRevert(
            request, abi.encodeWithSelector(IDatasetRegistry.NotActive.selector, registered, Status.Deprecated)
        );
    }

    function test_IssueOfUnofferedOrRetiredTermsReverts() external {
        IssuePass memory request = _request();
        vm.prank(DAO);
        licenses.setOffer(datasetId, termsId, false);
        _expectIssueRevert(request, abi.encodeWithSelector(ILicenseRegistry.NotOffered.selector, datasetId, termsId));
        vm.prank(DAO);
        licenses.retireTerms(termsId);
        _expectIssueRevert(request, abi.encodeWithSelector(ILicenseRegistry.TermsInactive.selector, termsId));
    }

    function test_IssueOfAnImpossibleExpiryReverts() external {
        IssuePass memory request = _request();
        for (uint256 i; i < 2; ++i) {
            request.expiry = i == 0 ? uint64(block.timestamp) : uint64(1) << 40;
            _expectIssueRevert(request, abi.encodeWithSelector(IAccessPass.ExpiryInvalid.selector, request.expiry));
        }
        request.expiry = type(uint40).max;
        _issue(request);
        assertEq(pass.passOf(holder.addr, datasetId).expiry, type(uint40).max);
    }

    function test_IssueOfAnUnknownBurnAuthReverts() external {
        IssuePass memory request = _request();
        request.burnAuth = 4;
        _expectIssueRevert(request, abi.encodeWithSelector(IAccessPass.BurnAuthInvalid.selector, 4));
    }

    function test_IssueThatTakesAwayReverts() external {
        IssuePass memory request = _request();
        _issue(request);
        request.nonce += 1;
        request.expiry -= 1;
        _expectIssueRevert(
            request,
            abi.encodeWithSelector(
                IAccessPass.PassWouldShrink.selector, passId, request.expiry + 1, request.expiry, 37, 37
            )
        );
        request.expiry += 1;
        _issue(request);
        assertEq(pass.balanceOf(holder.addr), 1);
    }

    function test_IssueAgainAnnouncesWhatChanged() external {
        IssuePass memory request = _request();
        _issue(request);
        // A later expiry alone.
        (request.nonce, request.expiry) = (request.nonce + 1, request.expiry + 1);
        assertEq(_issuedEvents(request), 0);
        (request.nonce, request.burnAuth) = (request.nonce + 1, 2);
        assertEq(_issuedEvents(request), 1);
        Terms memory other = _terms();
        other.price += 1;
        request.termsId = _addTerms(other);
        _offer(datasetId, request.termsId);
        request.nonce += 1;
        assertEq(_issuedEvents(request), 1);
    }

    // ---- revoke

    function test_RevokeByWhomTheBurnAuthNames() external {
        for (uint8 auth; auth < 4; ++auth) {
            for (uint256 who; who < 3; ++who) {
                address caller = who == 0 ? issuer.addr : who == 1 ? holder.addr : stranger;
                bool allowed = (who == 0 && (auth == 0 || auth == 2)) || (who == 1 && (auth == 1 || auth == 2));
                uint256 state = vm.snapshotState();
                IssuePass memory request = _request();
                request.burnAuth = auth;
                _issue(request);
                if (allowed) {
                    vm.expectEmit(address(pass));
                    emit IERC721.Transfer(holder.addr, address(0), passId);
                    vm.expectEmit(address(pass));
                    emit IAccessPass.Revoked(passId, datasetId, holder.addr);
                } else {
                    vm.expectRevert(abi.encodeWithSelector(IAccessPass.RevokeForbidden.selector, caller, passId, auth));
                }
                vm.prank(caller);
                pass.revoke(holder.addr, datasetId);
                assertEq(pass.isValid(holder.addr, datasetId, 0), !allowed);
                assertEq(pass.balanceOf(holder.addr), allowed ? 0 : 1);
                vm.revertToState(state);
            }
        }
    }

    function test_RevokeByTheOwnerOfNow() external {
        IssuePass memory request = _request();
        request.burnAuth = 0;
        _issue(request);
        vm.prank(issuer.addr);
        registry.transferFrom(issuer.addr, stranger, uint256(datasetId));
        vm.expectRevert(abi.encodeWithSelector(IAccessPass.RevokeForbidden.selector, issuer.addr, passId, 0));
        vm.prank(issuer.addr);
        pass.revoke(holder.addr, datasetId);
        vm.prank(stranger);
        pass.revoke(holder.addr, datasetId);
    }

    function test_RevokeOfNothingReverts() external {
        vm.expectRevert(abi.encodeWithSelector(SoulboundPass.PassUnknown.selector, passId));
        vm.prank(issuer.addr);
        pass.revoke(holder.addr, datasetId);
    }

    // ---- reissue

    function test_ReissueMovesThePass() external {
        _issue(_request());
        (Vm.Wallet memory next, IssuePass memory request) = _move();
        uint256 newId = pass.passIdOf(next.addr, datasetId);
        bytes memory signature = _sign(next, request);
        vm.expectEmit(address(pass));
        emit IERC721.Transfer(holder.addr, address(0), passId);
        vm.expectEmit(address(pass));
        emit IERC721.Transfer(address(0), next.addr, newId);
        vm.expectEmit(address(pass));
        emit IERC5484.Issued(DAO, next.addr, newId, IERC5484.BurnAuth.Neither);
        vm.expectEmit(address(pass));
        emit IAccessPass.Reissued(passId, newId, next.addr);
        vm.prank(DAO);
        assertEq(pass.reissue(holder.addr, request, datasetId, 1, signature), newId);

        Pass memory stored = pass.passOf(next.addr, datasetId);
        assertEq(stored.holder, next.addr);
        assertEq(stored.expiry, request.expiry);
        assertEq(stored.termsNumber, 1);
        assertEq(stored.purposes, 37);
        assertEq(stored.burnAuth, 3);
        assertEq(pass.balanceOf(next.addr), 1);
        assertEq(pass.balanceOf(holder.addr), 0);
        assertFalse(pass.isValid(holder.addr, datasetId, 0));
    }

    function test_ReissueIsForTheDao() external {
        _issue(_request());
        (Vm.Wallet memory next, IssuePass memory request) = _move();
        request.issuer = issuer.addr;
        bytes memory signature = _sign(next, request);
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, issuer.addr));
        vm.prank(issuer.addr);
        pass.reissue(holder.addr, request, datasetId, 1, signature);
    }

    function test_ReissueOfNothingReverts() external {
        (Vm.Wallet memory next, IssuePass memory request) = _move();
        _expectReissueRevert(
            next, holder.addr, request, 1, abi.encodeWithSelector(SoulboundPass.PassUnknown.selector, passId)
        );
        _issue(_request());
        vm.warp(request.expiry);
        request.deadline = type(uint256).max;
        _expectReissueRevert(
            next, holder.addr, request, 1, abi.encodeWithSelector(IAccessPass.ExpiryInvalid.selector, request.expiry)
        );
        request.holder = holder.addr;
        _expectReissueRevert(
            holder, holder.addr, request, 1, abi.encodeWithSelector(SoulboundPass.HolderInvalid.selector, holder.addr)
        );
    }

    function test_ReissueOfOtherThanThePassReverts() external {
        _issue(_request());
        for (uint256 i; i < 7; ++i) {
            (Vm.Wallet memory next, IssuePass memory request) = _move();
            uint32 number = 1;
            bytes memory reason;
            if (i == 0) {
                request.issuer = issuer.addr;
                reason = abi.encodeWithSelector(IAccessPass.IssuerInvalid.selector, issuer.addr, DAO);
            } else if (i == 1) {
                bytes32 key = request.versionKey;
                request.versionKey = keccak256("other");
                reason = abi.encodeWithSelector(IAccessPass.VersionMismatch.selector, key, request.versionKey);
            } else if (i == 2) {
                // A number without a version must not match a request without one.
                (number, request.versionKey) = (2, 0);
                reason = abi.encodeWithSelector(IAccessPass.VersionMismatch.selector, 0, 0);
            } else if (i == 3) {
                request.termsId = keccak256("other");
                reason = abi.encodeWithSelector(IAccessPass.TermsMismatch.selector, termsId, request.termsId);
            } else if (i == 4) {
                request.expiry += 1;
                reason = abi.encodeWithSelector(IAccessPass.ExpiryInvalid.selector, request.expiry);
            } else if (i == 5) {
                request.burnAuth = 1;
                reason = abi.encodeWithSelector(IAccessPass.BurnAuthInvalid.selector, 1);
            } else {
                request.deadline = block.timestamp - 1;
                reason = abi.encodeWithSelector(IAccessPass.RequestExpired.selector, request.deadline);
            }
            _expectReissueRevert(next, holder.addr, request, number, reason);
        }
    }

    function test_ReissueWithoutConsentReverts() external {
        _issue(_request());
        (Vm.Wallet memory next, IssuePass memory request) = _move();
        _expectReissueRevert(
            holder, holder.addr, request, 1, abi.encodeWithSelector(IAccessPass.SignatureInvalid.selector, next.addr)
        );
        vm.prank(next.addr);
        pass.cancelNonce(7);
        _expectReissueRevert(
            next,
            holder.addr,
            request,
            1,
            abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, next.addr, (7 << 64) + 1)
        );
    }

    function test_ReissueThatTakesAwayReverts() external {
        _issue(_request());
        (Vm.Wallet memory next, IssuePass memory request) = _move();
        IssuePass memory longer = _request();
        longer.holder = next.addr;
        longer.expiry += 1;
        longer.nonce = 3 << 64;
        pass.issueBySig(longer, datasetId, 1, _sign(issuer, longer), _sign(next, longer));
        _expectReissueRevert(
            next,
            holder.addr,
            request,
            1,
            abi.encodeWithSelector(
                IAccessPass.PassWouldShrink.selector,
                pass.passIdOf(next.addr, datasetId),
                longer.expiry,
                request.expiry,
                37,
                37
            )
        );
    }

    // ---- helpers

    function _request() private view returns (IssuePass memory) {
        return IssuePass({
            issuer: issuer.addr,
            holder: holder.addr,
            versionKey: registry.keyAt(datasetId, 1),
            termsId: termsId,
            expiry: 1_800_000_000 + 30 days,
            burnAuth: 3,
            nonce: 7 << 64,
            deadline: 1_800_000_000 + 1 days
        });
    }

    /// @dev A request to move the pass of `_request` to a new account.
    function _move() private returns (Vm.Wallet memory next, IssuePass memory request) {
        next = vm.createWallet("next");
        request = _request();
        (request.issuer, request.holder) = (DAO, next.addr);
    }

    function _sign(Vm.Wallet memory signer, IssuePass memory request) private returns (bytes memory) {
        bytes32 typehash = keccak256(
            "IssuePass(address issuer,address holder,bytes32 versionKey,bytes32 termsId,uint64 expiry,uint8 burnAuth,uint256 nonce,uint256 deadline)"
        );
        bytes32 structHash = keccak256(abi.encode(typehash, request));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", pass.domainSeparator(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer, digest);
        return abi.encodePacked(r, s, v);
    }

    function _issue(IssuePass memory request) private {
        pass.issueBySig(request, datasetId, 1, _sign(issuer, request), _sign(holder, request));
    }

    function _issuedEvents(IssuePass memory request) private returns (uint256 count) {
        vm.recordLogs();
        _issue(request);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IERC5484.Issued.selector) ++count;
        }
    }

    function _expectIssueRevert(IssuePass memory request, bytes memory reason) private {
        bytes memory byIssuer = _sign(issuer, request);
        bytes memory byHolder = _sign(holder, request);
        vm.expectRevert(reason);
        pass.issueBySig(request, datasetId, 1, byIssuer, byHolder);
    }

    function _expectReissueRevert(
        Vm.Wallet memory signer,
        address from,
        IssuePass memory request,
        uint32 number,
        bytes memory reason
    ) private {
        bytes memory signature = _sign(signer, request);
        vm.expectRevert(reason);
        vm.prank(DAO);
        pass.reissue(from, request, datasetId, number, signature);
    }
}
