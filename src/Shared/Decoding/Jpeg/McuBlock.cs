namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>A block of an MCU: its tables and the target of its coefficients.</summary>
/// <param name="Dc">The Huffman table of the DC coefficient.</param>
/// <param name="Ac">The Huffman table of the AC coefficients.</param>
/// <param name="Component">Index of its component in the file.</param>
/// <param name="Places">[<see cref="CoefficientPair.Places"/>], zigzag: index of each coefficient in
/// <see cref="BlockLanes.Coefficients"/>.</param>
/// <param name="Lanes">Receives the coefficients.</param>
/// <param name="Lane">Index of its lane, counted from the MCU's first.</param>
internal sealed record McuBlock(
    JpegHuffmanTable Dc, JpegHuffmanTable Ac, int Component, ushort[] Places, BlockLanes Lanes, int Lane);
