namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>A component (channel) of a JPEG file.</summary>
/// <param name="Across">Horizontal blocks in an MCU.</param>
/// <param name="Down">Vertical blocks in an MCU.</param>
/// <param name="Quantization">Number of its quantization table.</param>
/// <param name="DcTable">Number of its Huffman table for DC coefficients.</param>
/// <param name="AcTable">Number of its Huffman table for AC coefficients.</param>
internal readonly record struct JpegComponent(int Across, int Down, int Quantization, int DcTable, int AcTable);
