/// Which release of otalink this is.
public enum Release {
    /// The version that the programs print, that images and packages bear, and that CHANGELOG.md describes.
    public static let version = "0.5.0"
}
