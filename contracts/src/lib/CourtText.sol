// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What an arbitrator's interface shows of the cases of a court (ERC-1497), as a URI that needs no server
library CourtText {
    /// @notice The only kind of dispute here.
    uint256 internal constant META_EVIDENCE_ID = 0;

    string internal constant META_EVIDENCE = 'data:application/json,{"category":"AI training data",'
        '"title":"Case on a dataset version, an attestation or a usage report",'
        '"description":"The evidence group is the number of the case; its event CaseOpened names the subject and the'
        ' sha256 of the evidence.","question":"Is the challenge right?","rulingOptions":{"type":"single-select",'
        '"titles":["Yes: for the challenger","No: for the respondent"]}}';
}
