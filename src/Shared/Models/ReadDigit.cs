using MnistLstm.Shared.Normalization;

namespace MnistLstm.Shared.Models;

/// <summary>One digit of a picture with several.</summary>
/// <param name="Digit">The most probable digit, 0 to 9.</param>
/// <param name="IsDigit">Whether it probably is a digit.</param>
/// <param name="Line">Number of its line; 0 is the uppermost.</param>
/// <param name="Box">Its place in the picture.</param>
public sealed record ReadDigit(int Digit, bool IsDigit, int Line, Region Box)
{
    /// <summary>The character for a figure that is probably not a digit.</summary>
    private const char NoDigit = '?';

    /// <summary>The digit's character in a text.</summary>
    public char Character => CharacterOf(Digit, IsDigit);

    public static char CharacterOf(int digit, bool isDigit) => isDigit ? (char)('0' + digit) : NoDigit;
}
